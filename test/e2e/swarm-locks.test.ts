// @module-tag full
import { expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { initSwarm } from "../support/swarm-bed.ts";

/** In ms: a private engine and a Swarm of its own. */
const TEST_TIMEOUT_MS = 120_000;

test("locks one-offs of services as containers and as service tasks, also after oneoff was killed", {
  ...needs("swarm"),
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  await using engine = await startEngine();
  await using home = await folder();
  await baseImage(engine.host);
  await initSwarm(engine.host);
  const { get, post } = api(engine.host);
  const ContainerSpec = { Image: "busybox:local", Args: ["sleep", "1000"] };
  const created = await post("/services/create", { Name: "shop_web", TaskTemplate: { ContainerSpec } });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const env = { DOCKER_HOST: engine.host, XDG_STATE_HOME: home.path };
  const oneoff = (...words: string[]) => start([BINARY, ...words], { env, timeout: TEST_TIMEOUT_MS });
  const locked = (...words: string[]) => oneoff("run", "--lock", "migrate", ...words);
  const configs = async () => (await get("/configs")).body.length as number;

  await using first = await locked("--anywhere", "shop_web", "sh", "-c", "echo up; exec sleep 1000");
  await eventually(() => expect(first.stdout.toString()).toBe("up\n"));
  const refused = await said(await locked("shop_web", "true"));
  expect(refused).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/Lock "migrate" is held by run\.\d+ of shop_web/),
  });
  expect((await said(await oneoff("locks"))).stdout).toMatch(/^migrate: held by run\.\d+ of shop_web since/);
  const kept = await said(await oneoff("unlock", "migrate"));
  expect(kept).toMatchObject({ code: 1, stderr: expect.stringContaining("oneoff unlock --force migrate") });

  // The task runs on, and holds the lock.
  first.child.kill("SIGKILL");
  await first.done;
  expect((await said(await locked("shop_web", "true"))).code).toBe(125);
  const replaced = await said(await locked("--on-conflict", "replace", "shop_web", "echo", "second"));
  expect(replaced).toMatchObject({ code: 0, stdout: "second\n" });
  expect(await configs()).toBe(0);

  // The other way round: a task waits for a container.
  await using third = await locked("shop_web", "sh", "-c", "echo up; exec sleep 1000");
  await eventually(() => expect(third.stdout.toString()).toBe("up\n"));
  await using waiting = await locked("--anywhere", "--on-conflict", "wait", "shop_web", "echo", "fourth");
  await eventually(() => expect(waiting.stderr.toString()).toContain('waiting for lock "migrate"'));
  third.child.kill("SIGTERM");
  expect(await said(waiting)).toMatchObject({ code: 0, stdout: "fourth\n" });

  await using fifth = await locked("shop_web", "sh", "-c", "echo up; exec sleep 1000");
  await eventually(() => expect(fifth.stdout.toString()).toBe("up\n"));
  expect((await said(await oneoff("unlock", "--force", "migrate"))).code).toBe(0);
  expect(await configs()).toBe(0);
  fifth.child.kill("SIGTERM");
  await fifth.done;
});
