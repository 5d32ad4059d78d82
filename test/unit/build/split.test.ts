import { beforeAll, expect, test } from "vitest";
import { split } from "../../../build/split.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";
import { folder } from "../../support/folder.ts";
import { start } from "../../support/process.ts";

const ORIGIN = { version: "1.2.3", commit: "0123456789abcdef0123456789abcdef01234567", time: 1_700_000_000 };

/**
 * Stands in for a single executable: the main function runs after the rehearsal, without a snapshot. Each part that it
 * loads is written to stderr, and each timer before it.
 */
const EXECUTABLE = `
const { readFileSync, writeSync } = require("node:fs");
const { startupSnapshot } = require("node:v8");
const { argv } = process;
const { setTimeout } = globalThis;
globalThis.setTimeout = (...timer) => {
  if (startupSnapshot.isBuildingSnapshot()) writeSync(2, "a timer of " + timer[1] + " ms\\n");
  return setTimeout(...timer);
};
startupSnapshot.isBuildingSnapshot = () => true;
startupSnapshot.setDeserializeMainFunction = (main) => {
  let turns = 0;
  const whenRehearsed = () => {
    if (process.argv.length > 0 || turns++ < 10) return setImmediate(whenRehearsed);
    startupSnapshot.isBuildingSnapshot = () => false;
    Object.defineProperty(process, "argv", { value: argv });
    main();
  };
  whenRehearsed();
};
require("node:sea").getAsset = (name) => {
  writeSync(2, "loads " + name.replace(/-\\w+\\.js$/, "") + "\\n");
  return readFileSync(JSON.parse(process.env.ASSETS)[name], "utf8");
};
`;

let dir: Awaited<ReturnType<typeof folder>>;
let parts: Awaited<ReturnType<typeof split>>;

beforeAll(async () => {
  dir = await folder({ "executable.cjs": EXECUTABLE });
  parts = await split(`${dir.path}/oneoff.cjs`, ORIGIN);
  return () => dir[Symbol.asyncDispose]();
});

async function oneoff(engine: FakeEngine, ...args: string[]) {
  const argv = [process.execPath, "--require", `${dir.path}/executable.cjs`, `${dir.path}/oneoff.cjs`, ...args];
  const env = { ASSETS: JSON.stringify(parts.assets), DOCKER_HOST: `unix://${engine.socketPath}`, HOME: dir.path };
  const { code, stdout, stderr } = await (await start(argv, { env, cwd: dir.path, timeout: 60_000 })).done;
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}

test("run loads no part besides the snapshot", async () => {
  await using engine = await fakeEngine();
  engine.always("GET /containers/json", 200, []);
  engine.always("GET /images/json", 200, []);
  engine.on("POST /containers/create", 201, { Id: "c" });
  const [attach, wait] = [engine.on("POST /containers/c/attach"), engine.on("POST /containers/c/wait")];
  const started = engine.on("POST /containers/c/start", 204);
  const ended = oneoff(engine, "run", "--image", "busybox", "my-app", "true");
  const socket = (await attach).upgrade();
  const answer = (await wait).acknowledge();
  await started;
  answer.end(JSON.stringify({ StatusCode: 7 }));
  socket.end();
  expect(await ended).toEqual({ code: 7, stdout: "", stderr: "" });
});

test("exec loads no part besides the snapshot", async () => {
  await using engine = await fakeEngine();
  engine.always("GET /containers/json", 200, [{ Id: "c", Names: ["/my-app"], Labels: {}, State: "running" }]);
  engine.on("POST /containers/c/exec", 201, { Id: "e" });
  const started = engine.on("POST /exec/e/start");
  engine.on("GET /exec/e/json", 200, { Running: false, ExitCode: 7, Pid: 1 });
  const ended = oneoff(engine, "exec", "my-app", "true");
  (await started).upgrade().end();
  expect(await ended).toEqual({ code: 7, stdout: "", stderr: "" });
});

test("other commands load what they need", async () => {
  await using engine = await fakeEngine();
  engine.always("GET /containers/json", 200, []);
  const { code, stderr } = await oneoff(engine, "ps");
  expect(code).toBe(0);
  expect(stderr).toContain("loads ps\n");
  expect(stderr).not.toContain("loads deploy\n");
});
