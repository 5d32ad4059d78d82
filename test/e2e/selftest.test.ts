import { readdirSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const CHECKS = ["connect", "image", "streams", "signal", "terminal", "files", "removal"];

const selftest = async (words: readonly string[], env: Record<string, string>) =>
  start([BINARY, "selftest", ...words], { env: { DOCKER_HOST: host, ...env }, timeout: 60_000 });

/** Only the containers of this run, since others may run at the same time. */
const left = async () => {
  const images = (await api(host).get("/images/json")).body.flatMap(({ RepoTags }: { RepoTags: string[] }) => RepoTags);
  const found = (await api(host).get("/containers/json?all=1")).body.map(({ Image }: { Image: string }) => Image);
  return [...images, ...found].filter((name) => name?.includes("oneoff-selftest"));
};

test.concurrent("prints a line for each check with what it proves, and leaves nothing", async () => {
  // The oneoff.yaml is invalid, and the journal must not change.
  await using dir = await folder({ "oneoff.yaml": "][", "state/x": "", "tmp/x": "" });
  const env = { XDG_STATE_HOME: `${dir.path}/state`, TMPDIR: `${dir.path}/tmp` };
  const argv = [BINARY, "selftest"];
  const { code, stdout, stderr } = await said(
    await start(argv, { env: { DOCKER_HOST: host, ...env }, cwd: dir.path, timeout: 60_000 }),
  );
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  expect(stdout.split("\n").map((line) => line.split(/ +/).slice(0, 2).join(" "))).toEqual([
    ...CHECKS.map((check) => `${check} ok`),
    "",
  ]);
  expect([readdirSync(`${dir.path}/state`), readdirSync(`${dir.path}/tmp`)]).toEqual([["x"], ["x"]]);
});

test.concurrent("prints JSON for programs", async () => {
  const { code, stdout } = await said(await selftest(["--format", "json"], {}));
  expect(code).toBe(0);
  const results = JSON.parse(stdout);
  expect(results).toHaveLength(CHECKS.length);
  expect(results[3]).toEqual({
    check: "signal",
    ok: true,
    seconds: expect.any(Number),
    description: "SIGTERM is forwarded and stops the command",
    error: null,
  });
});

test.concurrent("ends at the first check when the engine does not exist", async () => {
  const { code, stdout } = await said(await selftest([], { DOCKER_HOST: "unix:///nonexistent/docker.sock" }));
  expect(code).toBe(1);
  expect(stdout).toMatch(/^connect +FAILED +[\d.]+ s +.*\/nonexistent\/docker\.sock.*\n$/);
});

test("ends at once on a signal, and leaves nothing", async () => {
  await using dir = await folder({ "tmp/x": "" });
  const live = await selftest([], { TMPDIR: `${dir.path}/tmp` });
  await eventually(async () => expect(await left()).toHaveLength(2));
  process.kill(live.pid, "SIGINT");
  expect(await said(live)).toMatchObject({ code: 130, stderr: "" });
  expect(readdirSync(`${dir.path}/tmp`)).toEqual(["x"]);
  await eventually(async () => expect(await left()).toEqual([]));
});
