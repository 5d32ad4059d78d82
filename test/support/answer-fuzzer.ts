import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { splitWords } from "../../src/app/words.ts";
import { cli } from "../../src/cli/program.ts";
import { fakeContext } from "./fake-context.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { fakeJournal } from "./fake-journal.ts";
import { fakeTerminal } from "./fake-terminal.ts";
import { folder } from "./folder.ts";
import { randomOf } from "./random.ts";

/** An answer as it was recorded. */
interface Answer {
  readonly route: string;
  readonly status: number;
  readonly body: unknown;
}

/** A command, and what an engine answered to it. */
export interface Recording {
  readonly argv: readonly string[];
  readonly answers: readonly Answer[];
}

/** Of the stories in test/cli, every command that asked an engine for something. */
export function recordings(): Recording[] {
  const stories = new URL("../cli/", import.meta.url);
  const found: Recording[] = [];
  for (const file of readdirSync(stories).filter((name) => name.endsWith(".txt"))) {
    let answers: Answer[] = [];
    for (const line of readFileSync(new URL(file, stories), "utf8").split("\n")) {
      const [, route, status, body] = /^@ (?:\d+ times )?((?:GET|HEAD|POST|DELETE) \S+) (\d+) (.*)$/.exec(line) ?? [];
      if (route) answers.push({ route, status: Number(status), body: JSON.parse(body ?? "") });
      if (!line.startsWith("$ ")) continue;
      const [, ...argv] = splitWords(line.slice(2)) ?? [];
      if (answers.length > 0) found.push({ argv, answers });
      answers = [];
    }
  }
  return found;
}

const ODD: readonly unknown[] = [
  null,
  {},
  [],
  [null],
  "",
  "x",
  "\x1b[2J\nforged",
  -1,
  1e308,
  2 ** 53,
  true,
  [[]],
  { a: null },
];

/** The same JSON with a value of another kind somewhere in it, or without one of its keys. */
function mutated(value: unknown, random: () => number): unknown {
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0 || random() < 0.2)
    return pick(ODD);
  const key = pick(Object.keys(value));
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  if (!Array.isArray(value) && random() < 0.2) delete copy[key];
  else copy[key] = mutated(copy[key], random);
  return copy;
}

const HEAD = "Api-Version: 1.44\r\nServer: Docker/28.5.2 (linux)\r\nConnection: close\r\n";

/** An answer as bytes, cut or garbled in some way of HTTP. */
function garbled({ status, body }: Answer, random: () => number): string {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  const whole = `HTTP/1.1 ${status} X\r\n${HEAD}Content-Length: ${length}\r\n\r\n${text}`;
  const cut = Math.floor(random() * whole.length);
  const ways = [
    () => whole.slice(0, cut),
    () => `${whole.slice(0, cut)}\x00${whole.slice(cut + 1)}`,
    () => `HTTP/1.1 ${Math.floor(random() * 1000)} X\r\n${HEAD}Content-Length: ${length}\r\n\r\n${text}`,
    () => `HTTP/1.1 ${status} X\r\n${HEAD}Content-Length: ${length}\r\nContent-Length: ${length + 1}\r\n\r\n${text}`,
    () => `HTTP/1.1 ${status} X\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n${text}\r\n0\r\n\r\n`,
    () =>
      `HTTP/1.1 ${status} X\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n${Array.from(text, (one) => `${Buffer.byteLength(one).toString(16)}\r\n${one}\r\n`).join("")}0\r\n\r\n`,
    () => `HTTP/1.1 ${status} X\r\n${HEAD}Content-Length: ${cut}\r\n\r\n${text.slice(0, cut)}`,
    () => "garbage\r\n\r\n",
  ];
  return (ways[Math.floor(random() * ways.length)] as () => string)();
}

const bytesOf = ({ status, body }: Answer): string => {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status} X\r\n${HEAD}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

export interface Outcome {
  /** What was asked, and what was answered oddly. */
  readonly what: string;
  /** Undefined where the command did not end in time. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Longer than any of the commands waits for something by itself, on a busy machine. */
const HANGS_AFTER_MS = 60_000;

/** Runs one of the recorded commands against an engine that answers one of its requests oddly. */
export async function fuzzRound(all: readonly Recording[], seed: number): Promise<Outcome> {
  const random = randomOf(seed);
  const { argv, answers } = all[Math.floor(random() * all.length)] as Recording;
  const odd = answers[Math.floor(random() * answers.length)] as Answer;
  const bytes = random() < 0.7 ? bytesOf({ ...odd, body: mutated(odd.body, random) }) : garbled(odd, random);
  const rest = [...answers];
  await using place = await folder();
  const server = createServer((socket) => {
    socket
      .on("error", () => {})
      .once("data", (request) => {
        const [, method, path] = /^(\w+) (?:\/v[\d.]+)?([^? ]*)/.exec(request.toString("latin1")) ?? [];
        if (path === "/_ping") return void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK");
        const at = rest.findIndex(({ route }) => route === `${method} ${path}`);
        const [answer] = at < 0 ? [] : rest.splice(at, 1);
        socket.end(
          answer === odd ? bytes : bytesOf(answer ?? { route: "", status: 404, body: { message: "No such thing" } }),
        );
      });
  });
  await new Promise<void>((resolve) => server.listen(`${place.path}/s`, resolve));
  const terminal = fakeTerminal();
  const engine = { socketPath: `${place.path}/s` } as FakeEngine;
  const context = fakeContext({ cwd: place.path, root: place.path, engine, terminal, journal: fakeJournal([]) });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), HANGS_AFTER_MS);
  });
  const code = await Promise.race([cli(argv, context), late]);
  clearTimeout(timer);
  server.close();
  return { what: `oneoff ${argv.join(" ")}: ${odd.route}: ${bytes}`, code, out: terminal.out, err: terminal.err };
}
