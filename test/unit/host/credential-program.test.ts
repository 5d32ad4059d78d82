import { chmodSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { askProgram } from "../../../src/host/credential-program.ts";
import { folder } from "../../support/folder.ts";

/** Asks a credential helper that is this script. */
async function ask(script: string) {
  await using place = await folder({ "docker-credential-test": `#!/bin/sh\n${script}\n` });
  chmodSync(`${place.path}/docker-credential-test`, 0o755);
  vi.stubEnv("PATH", `${place.path}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return await askProgram("test", "r.example");
}

test("passes the registry to a credential helper on stdin", async () => {
  const script = `test "$*" = get || exit 3; printf '{"ServerURL":"x","Username":"%s","Secret":"s"}' "$(cat)"`;
  expect(await ask(script)).toEqual({ username: "r.example", password: "s" });
});

test("accepts a token, or no credentials", async () => {
  expect(await ask(`echo '{"Username":"<token>","Secret":"s"}'`)).toEqual({ identitytoken: "s" });
  expect(await ask("echo 'credentials not found in native keychain'; exit 1")).toBeUndefined();
});

test("names a credential helper that fails, without its stdout", async () => {
  const failed = (reason: string) =>
    `Cannot read the credentials of r.example: docker-credential-test failed: ${reason}`;
  await expect(ask("echo hunter2; exit 1")).rejects.toMatchObject({
    message: failed("exit code 1"),
    next: "docker login r.example, or see: echo r.example | docker-credential-test get",
  });
  await expect(ask(`echo '{"Secret":"s"}'; exit 2`)).rejects.toThrow(failed("exit code 2"));
  await expect(ask("echo secret")).rejects.toThrow(failed("its output is not JSON"));
  await expect(ask("kill -9 $$")).rejects.toThrow(failed("timeout, or killed"));
});

test("names a credential helper that is not found", async () => {
  await expect(askProgram("nonesuch", "r.example")).rejects.toMatchObject({
    code: "no-credential-helper",
    next: "install docker-credential-nonesuch, or remove it from docker's config.json",
  });
});
