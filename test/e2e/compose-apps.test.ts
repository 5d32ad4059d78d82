// @module-tag full
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { realCompose } from "../support/compose.ts";
import {
  appNames,
  copyOfApp,
  prepareApp,
  prepareEngine,
  RECORDED_FILE,
  recordedContainers,
  SHARING,
  shellOf,
} from "../support/compose-apps.ts";
import { api } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { type Observation, observeRun } from "../support/observed-run.ts";
import { BINARY } from "../support/oneoff-suite.ts";
import { run } from "../support/process.ts";

const compose = await realCompose();
const apps = await appNames();

let engine: TestEngine;
beforeAll(async () => {
  // A private engine, because the projects have fixed names.
  engine = await startEngine();
  await prepareEngine(engine.host);
});
afterAll(() => engine[Symbol.asyncDispose]());

const COMMAND = ["id"];
const oneoffRun = (cwd: string, service: string) => observeRun(engine.host, [BINARY, "run", service, ...COMMAND], cwd);
const composeRun = (cwd: string, service: string) =>
  observeRun(engine.host, [compose.program ?? "", "run", "--rm", "--no-deps", "--no-TTY", service, ...COMMAND], cwd);

const compared = ({ container, end }: Observation) => ({ container, end });

describe("one-off of a Compose file", { ...compose.needed, ...needs("its own", "limits", "legacy links") }, () => {
  test.each(apps)("has the same container as with docker compose run, for each service of %s", async (app) => {
    await using place = await copyOfApp(app);
    const cwd = place.path;
    await prepareApp(compose, engine.host, cwd);
    const words = (...args: string[]) => [compose.program ?? "", "--profile", "*", ...args];
    const docker = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(words(...args), {
        cwd,
        env: { ...shellOf(cwd), DOCKER_HOST: engine.host },
      });
      expect([args, code, code === 0 ? "" : stderr.toString()]).toEqual([args, 0, ""]);
      return stdout.toString();
    };
    const down = () => docker("down", "--volumes", "--timeout", "1");
    await using _removed = { [Symbol.asyncDispose]: async () => void (await down()) };
    const services = (await docker("config", "--services")).trim().split("\n").sort();
    const isSharing = (service: string) => `${app}/${service}` in SHARING;
    const ours: Record<string, Observation> = {};
    const theirs: Record<string, Observation> = {};

    for (const service of services.filter((one) => !isSharing(one))) ours[service] = await oneoffRun(cwd, service);
    const networks = await networkIds();
    const after = await observeRun(engine.host, words("create"), cwd);
    expect(await networkIds()).toMatchObject(networks);
    await docker("rm", "--force", "--stop");

    for (const service of services.filter((one) => !isSharing(one))) theirs[service] = await composeRun(cwd, service);
    for (const service of services.filter(isSharing)) {
      await docker("up", "--detach", "--no-deps", ...(SHARING[`${app}/${service}`] ?? []));
      ours[service] = await oneoffRun(cwd, service);
      theirs[service] = await composeRun(cwd, service);
    }
    await down();
    const alone = await observeRun(engine.host, words("create"), cwd);
    const made = Object.assign({}, ...Object.values(ours).map((one) => one.made));
    expect.soft(made, "networks and volumes").toEqual(pick(alone.made, Object.keys(made)));
    expect.soft(Object.keys({ ...made, ...after.made }).sort()).toEqual(Object.keys(alone.made).sort());
    expect.soft(after.warnings, "warnings of docker compose create").toEqual(alone.warnings);

    if (process.env.UPDATE) await record(app, theirs);
    const recorded = await recordedContainers();
    for (const service of services) {
      const [one, other] = [ours[service], theirs[service]] as [Observation, Observation];
      expect.soft(recorded[`${app}/${service}`], `${service} as recorded`).toEqual(other.sent);
      expect.soft(compared(one), `${service}: ${one.stderr}`).toEqual(compared(other));
    }
  });
});

async function networkIds(): Promise<Record<string, string>> {
  const { body } = await api(engine.host).get("/networks");
  return Object.fromEntries(body.map(({ Name, Id }: { Name: string; Id: string }) => [Name, Id]));
}

const pick = (all: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, all[name]]));

async function record(app: string, observations: Readonly<Record<string, Observation>>): Promise<void> {
  const others = Object.entries(await recordedContainers()).filter(([name]) => !name.startsWith(`${app}/`));
  const mine = Object.entries(observations).map(([service, { sent }]) => [`${app}/${service}`, sent] as const);
  const all = [...others, ...mine].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = all.map(([name, container]) => `${JSON.stringify(name)}: ${JSON.stringify(container)}`);
  await writeFile(RECORDED_FILE, `{\n${lines.join(",\n")}\n}\n`);
}
