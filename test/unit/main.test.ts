import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../support/process.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Runs the edge with these commands in place of those that there are. */
async function edgeWith(cli: string) {
  const program = `data:text/javascript,${encodeURIComponent(`export const cli = ${cli}`)}`;
  const hooks = `import { registerHooks } from "node:module";
    registerHooks({
      resolve: (specifier, context, next) => specifier.endsWith("cli/program.ts")
        ? { url: ${JSON.stringify(program)}, shortCircuit: true }
        : next(specifier, context),
    });`;
  const preload = `data:text/javascript,${encodeURIComponent(hooks)}`;
  const { code, stdout, stderr } = await run([process.execPath, "--import", preload, main, "ps"], { timeout: 60_000 });
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}

test("a process with nothing left to wait for has failed, and says so", async () => {
  expect(await edgeWith("() => new Promise(() => {})")).toEqual({
    code: 125,
    stdout: "",
    stderr: expect.stringMatching(
      /^oneoff: oneoff stopped before the command finished: nothing was left to wait for\n {2}oneoff ps .*\n$/,
    ),
  });
});

test("an error that nobody catches is 125, on one line", async () => {
  const { code, stderr } = await edgeWith(
    "() => { setImmediate(() => { throw new Error('a\\nb'); }); return new Promise(() => {}); }",
  );
  expect(code).toBe(125);
  expect(stderr).toMatch(/^oneoff: Bug in oneoff: .*\n {2}report the bug.*\n$/);
});

test("a command's exit code is the process's", async () => {
  expect(await edgeWith("async () => 7")).toEqual({ code: 7, stdout: "", stderr: "" });
});
