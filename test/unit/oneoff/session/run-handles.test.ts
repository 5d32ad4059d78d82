import { expect, test } from "vitest";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";
import { frame } from "../../../support/frame.ts";
import { start as startProcess } from "../../../support/process.ts";
import { ATTACH, CREATE, REMOVE, START, WAIT } from "../../../support/session-scene.ts";

test.each([
  ["with an open stdin", "pipe", 0],
  ["with nothing on stdin", "ignore", 0],
  ["whose start was refused", "ignore", 125],
] as const)("exits by itself after a run %s", async (_what, stdin, ends) => {
  await using engine = await fakeEngine();
  const url = (path: string) => JSON.stringify(new URL(`../../../../src/${path}`, import.meta.url).href);
  const script = `
    const { cli } = await import(${url("cli/program.ts")});
    const { systemContext } = await import(${url("cli/context.ts")});
    process.exitCode = await cli(["run", "--host", ${JSON.stringify(engine.socketPath)}, "--image", "img", "my-app", "true"], systemContext(new Set()));`;
  await using state = await folder();
  engine.always("GET /containers/json", 200, []);
  engine.on(CREATE, 201, { Id: "c" });
  const [attach, wait, start] = [engine.on(ATTACH), engine.on(WAIT), engine.on(START)];
  if (ends !== 0) engine.on(REMOVE, 204);
  await using child = await startProcess([process.execPath, "--input-type=module", "-e", script], {
    stdin,
    env: { XDG_STATE_HOME: state.path },
    timeout: 60_000,
  });
  const socket = (await attach).upgrade();
  const answer = (await wait).acknowledge();
  (await start).reply(ends === 0 ? 204 : 500, ends === 0 ? undefined : { message: "it broke" });
  if (ends === 0) {
    socket.end(frame(1, "hello\n"));
    answer.end('{"StatusCode":0}');
  }
  const { code, stdout, stderr } = await child.done;
  expect({ code, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual(
    ends === 0 ? { code: 0, stdout: "hello\n", stderr: "" } : { code: 125, stdout: "", stderr: "oneoff: it broke\n" },
  );
});
