// @module-tag full
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, imageTags } from "../support/docker-api.ts";
import { LOGIN } from "../support/registry-folder.ts";
import { sharedSwarm } from "../support/shared-swarm.ts";
import type { SwarmFacts, SwarmNode } from "../support/swarm-bed.ts";
import { swarmPlace, WEB } from "../support/swarm-place.ts";

/** A Swarm may be built first. */
const TIMEOUT_MS = 240_000;
const settings = { ...needs("swarm"), timeout: TIMEOUT_MS };

let swarm: SwarmFacts;
let manager: SwarmNode;

beforeAll(async () => {
  swarm = await sharedSwarm();
  [manager] = swarm.nodes;
}, TIMEOUT_MS);

const FORMATION = "formation: {web: {quantity: 3}}\n";
const CHECK = { "app.json": '{"healthchecks": {"web": [{"command": ["true"], "wait": 1}]}}' };

/** `hosts` of oneoff.yaml for the workers. */
const hosts = () => `hosts: {${swarm.nodes.slice(1).map(({ name, host }) => `${name}: "${host}"`)}}\n`;

test("pushes the image with credentials and pins it by digest on three nodes", settings, async () => {
  await using here = await swarmPlace(manager.host, { files: CHECK, yaml: FORMATION });
  const repository = `${swarm.registry}/${here.app}`;
  const refused = await here.deploy("--push", repository);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`Cannot push ${repository}:oneoff-v1: no basic auth credentials`);
  expect(refused.stderr).toContain(`docker login ${swarm.registry}`);
  expect(await here.state()).toEqual([]);
  expect(await imageTags(manager.host, repository)).toEqual([]);
  const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");
  await mkdir(join(here.source, "docker"));
  await writeFile(join(here.source, "docker/config.json"), JSON.stringify({ auths: { [swarm.registry]: { auth } } }));
  Object.assign(here.settings.env, { DOCKER_CONFIG: join(here.source, "docker") });
  const { code, stdout, stderr } = await here.deploy("--push", repository);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${repository}@sha256:[0-9a-f]{64}\\n$`));
  expect(await here.running("web")).toHaveLength(3);
  expect((await here.deploy("--push", repository)).stderr).toContain("No changes");
  // Another app with the same image does not own its name.
  await using other = await swarmPlace(manager.host);
  Object.assign(other.settings.env, here.settings.env);
  expect((await other.deploy("--image", `${repository}:oneoff-v1`)).code).toBe(0);
  expect((await other.oneoff("destroy", "--yes", other.app)).stderr).not.toContain("was kept");
  expect(await imageTags(manager.host, repository)).toContain(`${repository}:oneoff-v1`);
  expect((await here.oneoff("destroy", "--yes", here.app)).code).toBe(0);
  expect(await imageTags(manager.host, repository)).toEqual([]);
  for (const { host } of swarm.nodes) await removeImages(host, repository);
});

test("loads the image on every node that can be reached, and names it by its ID", settings, async () => {
  await using here = await swarmPlace(manager.host, { files: CHECK, yaml: FORMATION });
  const refused = await here.deploy();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/cannot be loaded on node\d, node\d: no engine of the node can be reached/);
  expect(refused.stderr).not.toContain("-----> build");
  await here.manifest(`${FORMATION}${hosts()}`);
  const { code, stdout, stderr } = await here.deploy();
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(await here.running("web")).toHaveLength(3);
  for (const { host } of swarm.nodes) {
    expect(await imageTags(host, `oneoff/${here.app}`)).toContain(`oneoff/${here.app}:swarm-v1`);
  }
  // An image that the nodes have needs no engine; one that they do not have is refused.
  await here.manifest(FORMATION);
  expect((await here.deploy("--force", "--image", stdout.trim())).code).toBe(0);
  const { body: made } = await api(manager.host).post("/containers/create", { Image: "busybox:local", Cmd: ["true"] });
  await api(manager.host).post(`/commit?repo=${here.app}&tag=mine&container=${made.Id}`, {});
  await api(manager.host).delete(`/containers/${made.Id}`);
  const missing = await here.deploy("--image", `${here.app}:mine`);
  expect(missing.code, missing.stderr).toBe(2);
  expect(missing.stderr).toMatch(new RegExp(`docker save ${here.app}:mine \\| ssh node\\d docker load`));
  await api(manager.host).delete(`/images/${here.app}:mine`);
  for (const { host } of swarm.nodes) await removeImages(host, `oneoff/${here.app}`);
});

test("leaves no image of a deploy that failed, and of an app that was destroyed", settings, async () => {
  await using here = await swarmPlace(manager.host, { files: CHECK, yaml: `${FORMATION}${hosts()}` });
  const tags = async () => {
    const all = await Promise.all(swarm.nodes.map(({ host }) => imageTags(host, `oneoff/${here.app}`)));
    return all.map((names) => names.map((name) => name.replace(/^.*:/, "")).sort());
  };
  expect((await here.deploy()).code).toBe(0);
  await here.write("Procfile", `${WEB}release: exit 3\n`);
  expect((await here.deploy()).code).toBe(1);
  expect((await tags()).slice(1)).toEqual([["swarm-v1"], ["swarm-v1"]]);
  await here.write("Procfile", 'web: sh -c "echo bad; exit 4"\n');
  const { code, stderr } = await here.deploy();
  expect(code).toBe(1);
  // The image of the failed processes stays for the next step.
  const [, rerun = ""] = /^ {2}oneoff (run --image .*)$/m.exec(stderr) ?? [];
  expect((await here.oneoff(...rerun.split(" "))).code).toBe(4);
  await here.write("Procfile", WEB);
  expect((await here.deploy("--force")).code).toBe(0);
  expect((await tags()).flat()).not.toContain("swarm-failed");
  expect((await here.oneoff("destroy", "--yes", here.app)).code).toBe(0);
  expect(await tags()).toEqual([[], [], []]);
});

async function removeImages(host: string, reference: string): Promise<void> {
  for (const tag of await imageTags(host, reference)) await api(host).delete(`/images/${tag}?force=1`);
}
