// @module-tag full
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { realCompose } from "../support/compose.ts";
import {
  appNames,
  type Container,
  copyOfApp,
  filesOf,
  normalise,
  prepareApp,
  prepareEngine,
  RECORDED_FILE,
  recordedContainers,
  SHARING,
  shellOf,
} from "../support/compose-apps.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { run } from "../support/process.ts";
import { recordRequests } from "../support/request-recorder.ts";

const compose = await realCompose();
const apps = await appNames();
const TIMEOUT_MS = 60_000;

let engine: TestEngine;
beforeAll(async () => {
  // A private engine, because the projects have fixed names.
  engine = await startEngine();
  await prepareEngine(engine.host);
});
afterAll(() => engine[Symbol.asyncDispose]());

/** How a client runs a service. */
interface Observation {
  /** Immediately before its start; undefined if it was not started. */
  readonly container: Container | undefined;
  /** The create request. */
  readonly sent: Container | undefined;
  readonly end: { readonly code: number | null; readonly stdout: string };
  /** Create requests of networks and volumes, by name. */
  readonly made: Readonly<Record<string, unknown>>;
  readonly stderr: string;
  readonly warnings: readonly string[];
}

async function observe(argv: readonly string[], cwd: string): Promise<Observation> {
  await using recorder = await recordRequests(engine.host);
  const env = { ...shellOf(cwd), DOCKER_HOST: recorder.host };
  // An empty pipe as stdin: both clients attach it.
  const { code, stdout, stderr } = await run(argv, { cwd, env, stdin: "", timeout: TIMEOUT_MS });
  const posts = recorder.requests.filter(({ method }) => method === "POST");
  const create = posts.find(({ path }) => path === "/containers/create");
  const files = await filesOf(recorder.requests);
  const inspected = recorder.started[0];
  const joined = posts.flatMap(({ path }) => /^\/networks\/(.*)\/connect$/.exec(path)?.[1] ?? []);
  const endpoints = Object.keys(create?.body.NetworkingConfig?.EndpointsConfig ?? {});
  const made = posts.filter(({ path }) => /^\/(networks|volumes)\/create$/.test(path));
  return {
    container:
      inspected &&
      normalise(
        { ...inspected.Config, HostConfig: inspected.HostConfig },
        { root: cwd, networks: Object.keys(inspected.NetworkSettings.Networks), files, id: inspected.Id },
      ),
    sent: create && normalise(create.body, { root: cwd, networks: [...endpoints, ...joined], files }),
    end: { code, stdout: stdout.toString() },
    made: Object.fromEntries(made.map(({ body }) => [body.Name, body])),
    stderr: stderr.toString(),
    warnings: [...stderr.toString().matchAll(/level=warning (.*)/g)].map(([, text = ""]) => text),
  };
}

const COMMAND = ["id"];
const composeRun = (cwd: string, service: string) =>
  observe([compose.program ?? "", "run", "--rm", "--no-deps", "--no-TTY", service, ...COMMAND], cwd);

describe("one-off of a Compose file", { ...compose.needed, ...needs("its own", "limits") }, () => {
  test.each(apps)(
    "docker compose run still sends the recorded create requests, for each service of %s",
    async (app) => {
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
      const theirs: Record<string, Observation> = {};

      for (const service of services.filter(isSharing)) {
        await docker("up", "--detach", "--no-deps", ...(SHARING[`${app}/${service}`] ?? []));
        theirs[service] = await composeRun(cwd, service);
      }
      for (const service of services.filter((one) => !isSharing(one))) theirs[service] = await composeRun(cwd, service);
      if (process.env.UPDATE) await record(app, theirs);
      const recorded = await recordedContainers();
      for (const service of services) {
        expect(recorded[`${app}/${service}`], service).toEqual(theirs[service]?.sent);
      }
    },
  );
});

async function record(app: string, observations: Readonly<Record<string, Observation>>): Promise<void> {
  const others = Object.entries(await recordedContainers()).filter(([name]) => !name.startsWith(`${app}/`));
  const mine = Object.entries(observations).map(([service, { sent }]) => [`${app}/${service}`, sent] as const);
  const all = [...others, ...mine].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = all.map(([name, container]) => `${JSON.stringify(name)}: ${JSON.stringify(container)}`);
  await writeFile(RECORDED_FILE, `{\n${lines.join(",\n")}\n}\n`);
}
