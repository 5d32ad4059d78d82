// @module-tag full
import { expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { eventually } from "../support/oneoff-suite.ts";
import { sharedSwarm } from "../support/shared-swarm.ts";
import { swarmPlace, WEB } from "../support/swarm-place.ts";

/** In ms: a Swarm may be built first. */
const TIMEOUT_MS = 300_000;

const CHECK = '{"healthchecks": {"web": [{"command": ["test", "-e", "/web"], "wait": 1, "attempts": 2}]}}';
const HEALTHY = 'web: sh -c "touch /web; exec sleep 600"\n';
const UNHEALTHY = 'web: sh -c "echo sick web; exec sleep 600"\n';

test("deploys, fails, scales and rolls back on three nodes without a registry", {
  ...needs("swarm"),
  timeout: TIMEOUT_MS,
}, async () => {
  const { nodes } = await sharedSwarm();
  const [manager, ...workers] = nodes;
  const hosts = `hosts: {${workers.map(({ name, host }) => `${name}: "${host}"`)}}\n`;
  const yaml = `formation: {web: {quantity: 3}}\n${hosts}`;
  await using here = await swarmPlace(manager.host, { files: { Procfile: HEALTHY, "app.json": CHECK }, yaml });
  const deployed = async () => {
    const { code, stderr } = await here.deploy();
    expect(code, stderr).toBe(0);
  };
  await deployed();
  const first = await here.running("web");
  expect(first).toHaveLength(3);
  expect(await here.nodes("web")).toEqual(nodes.map(({ id }) => id).sort());

  // With a health check no task of the live release is replaced.
  await here.write("Procfile", UNHEALTHY);
  const unhealthy = await here.deploy();
  expect(unhealthy.code).toBe(1);
  expect(unhealthy.stderr).toMatch(
    /web\.\d of \S+ on node\d is unhealthy; v1 keeps running; last output:\n {2}sick web\n/,
  );
  expect(await here.state()).toEqual(["v1", "web v1"]);
  expect((await here.running("web")).sort()).toEqual(first.sort());

  // Without one, Swarm replaces tasks before the new ones fail, and starts the old ones again.
  await here.write("app.json", "{}");
  await here.write("Procfile", 'web: sh -c "echo bad web; exit 7"\n');
  const exited = await here.deploy();
  expect(exited.code).toBe(1);
  expect(exited.stderr).toMatch(
    /web\.\d of \S+ on node\d exited with code 7; v1 keeps running; last output:\n {2}bad web\n/,
  );
  expect(await here.state()).toEqual(["v1", "web v1"]);
  await eventually(async () => expect(await here.running("web")).toHaveLength(3));

  await here.write("Procfile", WEB);
  await deployed();
  const scaled = await here.oneoff("scale", here.app, "web=5");
  expect(scaled.code, scaled.stderr).toBe(0);
  expect(await here.running("web")).toHaveLength(5);
  const back = await here.oneoff("rollback", here.app);
  expect(back.code, back.stderr).toBe(0);
  expect(back.stderr).toContain(`${here.app} v1 is live`);
  expect(await here.running("web")).toHaveLength(5);
  expect(await here.nodes("web")).toHaveLength(3);

  await here.write("Procfile", `${WEB}release: sleep 600\n`);
  await using deploying = await here.begin("deploy");
  await eventually(async () => expect(await here.containers()).toHaveLength(1));
  const second = await here.deploy();
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/is already in progress since \S+, by \S+@\S+\n/);
  deploying.child.kill("SIGTERM");
  await deploying.done;

  const destroyed = await here.oneoff("destroy", "--yes", here.app);
  expect(destroyed.code, destroyed.stderr).toBe(0);
  expect(await here.state()).toEqual([]);
});
