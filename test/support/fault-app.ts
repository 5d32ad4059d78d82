import { readdirSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { StepName } from "../../src/deploy/step-names.ts";
import { api, ask, containers, imageTags } from "./docker-api.ts";
import { folder } from "./folder.ts";
import { BINARY, eventually, type Inspected, type Said, said } from "./oneoff-suite.ts";
import { type StartedProcess, start } from "./process.ts";

/** For several builds and starts on a busy machine. */
const DEPLOY_TIMEOUT_MS = 110_000;

/** Steps that run a command in a container. */
export type Phase = Exclude<StepName, "build" | "schedule">;

const gate = (phases: readonly Phase[], phase: Phase) => (phases.includes(phase) ? `. /gate/${phase}` : undefined);

/** @param check the health check of web. */
const appJson = (phases: readonly Phase[], check: object) =>
  JSON.stringify({
    scripts: {
      dokku: { predeploy: gate(phases, "predeploy"), postdeploy: gate(phases, "postdeploy") },
      postdeploy: gate(phases, "first-postdeploy"),
    },
    healthchecks: { web: [check] },
  });

/** A source without faults. The label makes the image unique. */
const defaultSource = (app: string, phases: readonly Phase[]) => ({
  Dockerfile: `FROM busybox:local
LABEL test.app=${app}
WORKDIR /app
COPY fault /app/
RUN sh ./fault || exit $?
COPY start /app/
COPY version /www/index.html
`,
  Procfile: `web: . ./start; exec httpd -f -p $PORT -h /www\n${phases.includes("release") ? "release: . /gate/release\n" : ""}`,
  "app.json": appJson(phases, { listening: true, attempts: 60, wait: 1 }),
  fault: "true\n",
  start: "true\n",
});

let apps = 0;

/** Counts processes of this machine with this command line. */
const countOf = (...argv: string[]): number =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `${argv.join("\0")}\0`;
    } catch {
      return false;
    }
  }).length;

/** Creates a network with this name. @returns the ID of a client container in it. */
async function createNeighbour(host: string, network: string): Promise<string> {
  const { post } = api(host);
  await post("/networks/create", { Name: network, CheckDuplicate: true });
  const HostConfig = { NetworkMode: network, Init: true, RestartPolicy: { Name: "always" } };
  const { body } = await post("/containers/create", { Image: "busybox:local", Cmd: ["sleep", "100000"], HostConfig });
  await post(`/containers/${body.Id}/start`);
  return body.Id;
}

export interface FaultAppOptions {
  /** The phases of the app. */
  readonly phases?: readonly Phase[];
  /** Additional keys of `processes` in oneoff.yaml. */
  readonly processes?: string;
  /** The drain time, 0 by default. */
  readonly drain?: string;
}

/**
 * An app in its own network, with a fault to inject into every step. Phases are changed without a change of the source.
 * It serves its version.
 */
export async function faultApp(host: string, { phases = [], processes = "", drain = "0s" }: FaultAppOptions = {}) {
  const engine = api(host);
  apps += 1;
  const app = `app-${process.pid}-${apps}`;
  /** A unique duration of sleep, in seconds. */
  const long = String(process.pid * 1000 + apps);
  const home = await folder();
  const gates = await folder(Object.fromEntries(phases.map((phase) => [phase, "true\n"])));
  await chmod(gates.path, 0o755);
  const source = await folder({
    ...defaultSource(app, phases),
    "oneoff.yaml": `app: ${app}
build: .
networks: [${app}]
mounts: ["${gates.path}:/gate:ro"]
processes: {health-wait: 1s, stop-grace: 1s, drain: ${drain}${processes}}
`,
  });
  const client = await createNeighbour(host, app);
  const env = { DOCKER_HOST: host, ...Object.fromEntries(XDG.map((name) => [name, `${home.path}/${name}`])) };
  let version = 0;
  const begin = (...args: string[]): Promise<StartedProcess> =>
    start([BINARY, ...args], { cwd: source.path, env, timeout: DEPLOY_TIMEOUT_MS });
  const write = (name: string, content: string) => writeFile(join(source.path, name), content);
  const self = {
    app,
    /** The client container. */
    client,
    begin,
    write,
    /** Sets the health check of web. */
    check: (check: object) => write("app.json", appJson(phases, check)),
    get version() {
      return String(version);
    },
    /** A command that blocks a step. */
    held: `sleep ${long}`,
    oneoff: async (...args: string[]): Promise<Said> => said(await begin(...args)),
    deploy: (...args: string[]): Promise<StartedProcess> => begin("deploy", "--keep-releases", "100", ...args),
    /** A successful deploy. @returns the new tag. */
    async deployed(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await said(await self.deploy(...args));
      if (code !== 0) throw new Error(`A deploy of ${app} has failed with ${code}:\n${stderr}`);
      return stdout.trim().split(":").at(-1) ?? "";
    },
    /** Changes the source to a new version. */
    async upgrade() {
      version += 1;
      await write("version", `${version}\n`);
    },
    /** Sets the command of a step. */
    async make(step: StepName, command: string) {
      if (step === "build" || step === "schedule") await write(step === "build" ? "fault" : "start", `${command}\n`);
      else await writeFile(join(gates.path, step), `${command}\n`);
    },
    /** Removes the faults from all steps. */
    async restore() {
      for (const [name, content] of Object.entries(defaultSource(app, phases))) await write(name, content);
      for (const phase of phases) await writeFile(join(gates.path, phase), "true\n");
    },
    /** Counts processes of blocked steps. */
    heldCount: () => countOf("sleep", long),
    /** Requests the app. @returns its version. */
    async request(at = `${app}:5000`): Promise<string> {
      const answer = () => ask(host, client, `wget -q -O - http://${at}/`);
      return await eventually(async () => {
        const heard = await answer();
        expect(heard).not.toBe("");
        return heard;
      });
    },
    /** The state of the app on the engine. */
    async inspect() {
      const [web, latest, all, images] = await Promise.all([
        engine.get<Inspected>(`/containers/${app}.web.1/json`),
        engine.get<Inspected>(`/images/oneoff/${app}:latest/json`),
        containers(host, `dev.oneoff.app=${app}`),
        imageTags(host, `oneoff/${app}`),
      ]);
      return {
        web: { id: web.body.Id, started: web.body.State?.StartedAt, image: web.body.Image },
        latest: latest.body.Id,
        /** e.g. `web.1 running`; one-offs without their number. */
        containers: all
          .map(({ Names, State }) => `${Names[0]?.replace(/^\/app-\d+-\d+\.|\.\d{4}$/g, "")} ${State}`)
          .sort(),
        /** Without tags of the previous release and of build caches. */
        tags: images
          .map((name) => name.slice(name.indexOf(":") + 1))
          .filter((tag) => tag !== "oneoff-cache" && tag !== "previous" && !tag.endsWith("-unmarked")),
      };
    },
    /** Waits until a step is blocked. */
    reached: () => eventually(() => expectSome(self.heldCount())),
    /** Removes the local files only, if the engine itself is removed. */
    async removeFiles() {
      for (const one of [home, gates, source]) await one[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      await self.oneoff("destroy", "--yes", app);
      await engine.delete(`/containers/${client}?force=1`);
      await engine.delete(`/networks/${app}`);
      await self.removeFiles();
    },
  };
  await self.upgrade();
  return self;
}

const XDG = ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"];

function expectSome(count: number) {
  if (count === 0) throw new Error("The step has not been reached");
}

export type FaultApp = Awaited<ReturnType<typeof faultApp>>;
