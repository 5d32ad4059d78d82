import { readdirSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { StepName } from "../../src/deploy/plan.ts";
import { needs } from "./capabilities.ts";
import { api, ask, containers, imageTags } from "./docker-api.ts";
import { folder } from "./folder.ts";
import { BINARY, eventually, type Inspected, type Said, said } from "./oneoff-suite.ts";
import { type StartedProcess, start } from "./process.ts";

const hasSteadyNames = !needs("steady names").skip;

/** In milliseconds: several builds, and as many starts, on a machine that does other things too. */
const DEPLOY_TIMEOUT_MS = 110_000;

/** The steps that run a command in a container of their own. */
export type Phase = Exclude<StepName, "build" | "schedule">;

const gate = (phases: readonly Phase[], phase: Phase) => (phases.includes(phase) ? `. /gate/${phase}` : undefined);

/** @param check of web. */
const appJson = (phases: readonly Phase[], check: object) =>
  JSON.stringify({
    scripts: {
      dokku: { predeploy: gate(phases, "predeploy"), postdeploy: gate(phases, "postdeploy") },
      postdeploy: gate(phases, "first-postdeploy"),
    },
    healthchecks: { web: [check] },
  });

/** A source when all is well. No two apps have the same image. */
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

/** How many processes of this machine run exactly this command. */
const countOf = (...argv: string[]): number =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `${argv.join("\0")}\0`;
    } catch {
      return false;
    }
  }).length;

/** Makes a network of this name. @returns the container of somebody in it who asks for the app. */
async function createNeighbour(host: string, network: string): Promise<string> {
  const { post } = api(host);
  await post("/networks/create", { Name: network, CheckDuplicate: true });
  const HostConfig = { NetworkMode: network, Init: true, RestartPolicy: { Name: "always" } };
  const { body } = await post("/containers/create", { Image: "busybox:local", Cmd: ["sleep", "100000"], HostConfig });
  await post(`/containers/${body.Id}/start`);
  return body.Id;
}

export interface FaultAppOptions {
  /** Those that it has. */
  readonly phases?: readonly Phase[];
  /** More of how its processes are kept. */
  readonly processes?: string;
  /** How long its old processes still accept connections: not at all, unless given. */
  readonly drain?: string;
}

/**
 * An app in a network of its own, all of whose steps can be made to do what they should not: those of its source, and its phases
 * without a change of that. What it serves is its version.
 */
export async function faultApp(host: string, { phases = [], processes = "", drain = "0s" }: FaultAppOptions = {}) {
  const engine = api(host);
  apps += 1;
  const app = `app-${process.pid}-${apps}`;
  /** Nobody else sleeps for so long. In seconds. */
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
  const begin = (...words: string[]): Promise<StartedProcess> =>
    start([BINARY, ...words], { cwd: source.path, env, timeout: DEPLOY_TIMEOUT_MS });
  const write = (name: string, content: string) => writeFile(join(source.path, name), content);
  const self = {
    app,
    /** The container of somebody who asks for it. */
    client,
    begin,
    write,
    /** From now on web is well when this says so. */
    check: (check: object) => write("app.json", appJson(phases, check)),
    get version() {
      return String(version);
    },
    /** A step's command that does not end. */
    held: `sleep ${long}`,
    oneoff: async (...words: string[]): Promise<Said> => said(await begin(...words)),
    deploy: (...words: string[]): Promise<StartedProcess> => begin("deploy", "--keep-releases", "100", ...words),
    /** A deploy that goes well. @returns the tag that it has made. */
    async deployed(...words: string[]): Promise<string> {
      const { code, stdout, stderr } = await said(await self.deploy(...words));
      if (code !== 0) throw new Error(`A deploy of ${app} has failed with ${code}:\n${stderr}`);
      return stdout.trim().split(":").at(-1) ?? "";
    },
    /** From now on there is something new to deploy. */
    async upgrade() {
      version += 1;
      await write("version", `${version}\n`);
    },
    /** From now on a step does this. */
    async make(step: StepName, command: string) {
      if (step === "build" || step === "schedule") await write(step === "build" ? "fault" : "start", `${command}\n`);
      else await writeFile(join(gates.path, step), `${command}\n`);
    },
    /** All steps are as they should be again. */
    async mend() {
      for (const [name, content] of Object.entries(defaultSource(app, phases))) await write(name, content);
      for (const phase of phases) await writeFile(join(gates.path, phase), "true\n");
    },
    /** How many processes there are of what does not end. */
    heldCount: () => countOf("sleep", long),
    /** What answers at the app's address. */
    async serves(at = `${app}:5000`): Promise<string> {
      const answer = () => ask(host, client, `wget -q -O - http://${at}/`);
      if (hasSteadyNames) return await answer();
      return await eventually(async () => {
        const heard = await answer();
        expect(heard).not.toBe("");
        return heard;
      });
    },
    /** What there is of it on the engine. */
    async look() {
      const [web, latest, all, images] = await Promise.all([
        engine.get<Inspected>(`/containers/${app}.web.1/json`),
        engine.get<Inspected>(`/images/oneoff/${app}:latest/json`),
        containers(host, `dev.oneoff.app=${app}`),
        imageTags(host, `oneoff/${app}`),
      ]);
      return {
        web: { id: web.body.Id, started: web.body.State?.StartedAt, image: web.body.Image },
        latest: latest.body.Id,
        /** By its own name, as in `web.1 running`, without the number of a one-off. */
        containers: all
          .map(({ Names, State }) => `${Names[0]?.replace(/^\/app-\d+-\d+\.|\.\d{4}$/g, "")} ${State}`)
          .sort(),
        /** Without those that go with what runs or ran before it, and the cache of builders that have no other. */
        tags: images
          .map((name) => name.slice(name.indexOf(":") + 1))
          .filter((tag) => tag !== "oneoff-cache" && tag !== "previous" && !tag.endsWith("-unmarked")),
      };
    },
    /** Waits until there is something that does not end. */
    reached: () => eventually(() => expectSome(self.heldCount())),
    /** Removes it from where its engine is not, which goes itself. */
    async forget() {
      for (const one of [home, gates, source]) await one[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      await self.oneoff("destroy", "--yes", app);
      await engine.delete(`/containers/${client}?force=1`);
      await engine.delete(`/networks/${app}`);
      await self.forget();
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
