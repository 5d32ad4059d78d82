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

test("reaps service tasks and the services beside one-offs, and no others", {
  ...needs("swarm"),
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  await using engine = await startEngine();
  await using home = await folder();
  await baseImage(engine.host);
  await initSwarm(engine.host);
  const { get, post } = api(engine.host);
  const made = async (path: string, body: object) => {
    const answer = await post(path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body.ID as string;
  };
  const SecretID = await made("/secrets/create", { Name: "db", Data: "aHVudGVy" });
  const File = { Name: "db", UID: "0", GID: "0", Mode: 0o444 };
  const ContainerSpec = {
    ...{ Image: "busybox:local", Args: ["sleep", "1000"] },
    Secrets: [{ SecretID, SecretName: "db", File }],
  };
  await made("/services/create", { Name: "shop_web", TaskTemplate: { ContainerSpec } });
  // Its labels are copies.
  const Labels = { "dev.oneoff.kind": "run", "dev.oneoff.container": "other", "dev.oneoff.retain": "1" };
  await made("/services/create", {
    Name: "copy",
    Labels,
    TaskTemplate: { ContainerSpec },
    Mode: { Replicated: { Replicas: 0 } },
  });
  const env = { DOCKER_HOST: engine.host, XDG_STATE_HOME: home.path };
  const oneoff = (...words: string[]) => start([BINARY, ...words], { env, timeout: TEST_TIMEOUT_MS });
  const reap = async () => (await said(await oneoff("reap"))).stdout;
  const services = async () => {
    const { body } = await get("/services");
    return body.map(({ Spec }: { Spec: { Name: string } }) => Spec.Name.replace(/\d+$/, "N")).sort() as string[];
  };
  const apps = ["copy", "shop_web"];

  // Kept, then expired.
  const kept = await said(await oneoff("run", "--anywhere", "--detach", "--retain", "2s", "shop_web", "echo", "done"));
  expect(kept.code).toBe(0);
  await eventually(async () => expect(await reap()).toMatch(/^Removed run\.\d+ of shop_web: kept for 2s\n$/), 500);
  expect(await services()).toEqual(apps);

  // Stopped at its deadline, by the manager's clock.
  await said(await oneoff("run", "--anywhere", "--detach", "--timeout", "2s", "shop_web", "sleep", "1000"));
  await eventually(
    async () => expect(await reap()).toMatch(/^Stopped run\.\d+ of shop_web: its deadline has passed\n$/),
    500,
  );
  await eventually(async () => expect((await said(await oneoff("ps", "shop_web"))).stdout).not.toContain("run."), 500);

  // Its owner was killed.
  await using task = await oneoff("run", "--anywhere", "shop_web", "sh", "-c", "echo up; exec sleep 1000");
  await eventually(() => expect(task.stdout.toString()).toBe("up\n"));
  expect(await reap()).toBe("");
  task.child.kill("SIGKILL");
  await task.done;
  expect(await reap()).toMatch(/^Stopped run\.\d+ of shop_web: its client has exited\n$/);
  await eventually(
    async () => expect(await reap()).toMatch(/^Removed run\.\d+ of shop_web: its client has exited\n$/),
    500,
  );

  // The service beside a one-off goes after the one-off.
  await using sibling = await oneoff("run", "shop_web", "sh", "-c", "cat /run/secrets/db; exec sleep 1000");
  await eventually(() => expect(sibling.stdout.toString()).toBe("hunter"));
  const own = (await services()).filter((name) => /^shop_web-run-N$/.test(name));
  expect(own).toHaveLength(2);
  sibling.child.kill("SIGKILL");
  await sibling.done;
  expect(await reap()).toMatch(
    /^Stopped (run\.\d+) of shop_web: its client has exited\nRemoved \1 of shop_web: its client has exited\n$/,
  );
  expect((await services()).filter((name) => name.startsWith("shop_web-run"))).toHaveLength(1);
});
