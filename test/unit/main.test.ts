import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../support/process.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Runs the main module with these commands instead of the real ones. */
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

test("exits with an error if a process has nothing left to wait for", async () => {
  expect(await edgeWith("() => new Promise(() => {})")).toEqual({
    code: 125,
    stdout: "",
    stderr: expect.stringMatching(
      /^oneoff: oneoff stopped before the command finished: nothing was left to wait for\n {2}oneoff ps .*\n$/,
    ),
  });
});

test("exits with 125 and one line on an uncaught error", async () => {
  const { code, stderr } = await edgeWith(
    "() => { setImmediate(() => { throw new Error('a\\nb'); }); return new Promise(() => {}); }",
  );
  expect(code).toBe(125);
  expect(stderr).toMatch(/^oneoff: Bug in oneoff: .*\n {2}report the bug.*\n$/);
});

test("exits with a command's exit code", async () => {
  expect(await edgeWith("async () => 7")).toEqual({ code: 7, stdout: "", stderr: "" });
});
