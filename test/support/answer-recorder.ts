import { createServer, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { cli } from "../../src/cli/program.ts";
import type { Answer, Recording } from "./answer-fuzzer.ts";
import { socketOf } from "./docker-api.ts";
import { fakeContext } from "./fake-context.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { fakeJournal } from "./fake-journal.ts";
import { fakeTerminal } from "./fake-terminal.ts";
import { folder } from "./folder.ts";

/** Headers that say what no body does. */
const KEPT_HEADERS = ["x-docker-container-path-stat"];

/** Runs a command that takes over no connection on a real engine. @returns what the engine answered, and the output. */
export async function record(host: string, argv: readonly string[]): Promise<Recording & { readonly out: string }> {
  await using place = await folder();
  const answers: Answer[] = [];
  // Engines close no idle connection.
  const server = createServer({ keepAliveTimeout: 0 }, async (asked, answer) => {
    const { method = "", url = "", headers } = asked;
    const sent = await buffer(asked);
    const { host: _, connection: __, ...others } = headers;
    request({ socketPath: socketOf(host), method, path: url, headers: others, agent: false }, async (told) => {
      const raw = (await buffer(told)).toString("latin1");
      const [path = ""] = url.replace(/^\/v[\d.]+/, "").split("?");
      const kept = KEPT_HEADERS.flatMap((name) => (told.headers[name] ? [`${name}: ${told.headers[name]}\r\n`] : []));
      answers.push({ route: `${method} ${path}`, status: told.statusCode ?? 0, raw, headers: kept.join("") });
      const { "transfer-encoding": ___, connection: ____, ...rest } = told.headers;
      answer.writeHead(told.statusCode ?? 0, rest).end(Buffer.from(raw, "latin1"));
    }).end(sent);
  });
  await new Promise<void>((resolve) => server.listen(`${place.path}/s`, resolve));
  const terminal = fakeTerminal();
  const engine = { socketPath: `${place.path}/s` } as FakeEngine;
  const context = fakeContext({ cwd: place.path, root: place.path, engine, terminal, journal: fakeJournal([]) });
  const code = await cli(argv, context);
  server.closeAllConnections();
  server.close();
  return { argv, answers: answers.filter(({ route }) => !route.endsWith("/_ping")), code, out: terminal.out };
}
