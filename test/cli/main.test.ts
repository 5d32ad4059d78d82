import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../support/process.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Runs `oneoff ps` with a change when it connects to its engine: the connection never ends. */
async function ps(onConnect: string) {
  const sabotage = `
    import net from "node:net";
    import { syncBuiltinESMExports } from "node:module";
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (...given) => setTimeout(...given).unref();
    net.connect = () => { ${onConnect}; return new net.Socket(); };
    syncBuiltinESMExports();`;
  const loaded = `data:text/javascript,${encodeURIComponent(sabotage)}`;
  const argv = [process.execPath, "--import", loaded, MAIN, "ps"];
  const { code, stdout, stderr } = await run(argv, { env: { DOCKER_HOST: "unix:///none" }, timeout: 60_000 });
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}

test.concurrent("reports a failure when nothing is pending any more", async () => {
  expect(await ps("")).toEqual({
    code: 125,
    stdout: "",
    stderr: `oneoff: oneoff stopped before the command finished: nothing was left to wait for
  oneoff ps --all lists what may still be running; report this bug with the output of: oneoff --version
`,
  });
});

test.concurrent.each([
  ["an error that nobody catches", 'process.nextTick(() => { throw new TypeError("the first line\\nthe second") })'],
  ["a rejection that nobody handles", 'void Promise.reject(new TypeError("the first line\\nthe second"))'],
])("reports %s as a failure on one line", async (_what, onConnect) => {
  const { code, stdout, stderr } = await ps(onConnect);
  expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
  expect(stderr).toMatch(
    /^oneoff: Bug in oneoff: TypeError: the first line the second \(at [^\n]+\)\n {2}report the bug [^\n]+\n$/,
  );
});
