import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { api, containers, imageTags, removeByLabel } from "./docker-api.ts";
import { folder } from "./folder.ts";
import { BINARY, eventually, type Inspected, type Said, said } from "./oneoff-suite.ts";
import { type StartedProcess, start } from "./process.ts";

/** For several builds and starts. */
export const DEPLOY_TIMEOUT_MS = 110_000;

export const DOCKERFILE = 'FROM busybox:local\nWORKDIR /app\nCMD ["sleep", "600"]\n';
export const WEB = "web: sleep 600\n";

/** Content of app.json. */
export const scripts = (all: { predeploy?: string; postdeploy?: string; first?: string; env?: object }) =>
  JSON.stringify({
    scripts: { dokku: { predeploy: all.predeploy, postdeploy: all.postdeploy }, postdeploy: all.first },
    env: all.env,
  });

export interface DeployPlaceOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Additional lines of oneoff.yaml. */
  readonly yaml?: string;
  /** Whether the app is built; otherwise an image is deployed. */
  readonly build?: boolean;
}

/**
 * Adds a label, because apps with identical images could remove each other's image. Podman's build cache consists of
 * images, so it gets the label first: otherwise other apps would lose their cache.
 */
const labelled = (dockerfile: string, app: string) =>
  inject("engine").name === "podman"
    ? dockerfile.replace("\n", `\nLABEL of=${app}\n`)
    : `${dockerfile}LABEL of=${app}\n`;

/** An app with a unique name, a source folder and a home folder. */
export async function deployPlace(host: string, { files = {}, yaml = "", build = true }: DeployPlaceOptions = {}) {
  const engine = api(host);
  const app = `app-${randomUUID().slice(0, 8)}`;
  const home = await folder();
  const manifest = (more: string) =>
    `app: ${app}\n${build ? "build: .\n" : ""}processes: {health-wait: 1s, stop-grace: 1s, drain: 0s}\n${more}`;
  const source = await folder({
    Dockerfile: labelled(DOCKERFILE, app),
    Procfile: WEB,
    "oneoff.yaml": manifest(yaml),
    ...files,
  });
  const label = `dev.oneoff.app=${app}`;
  const env = {
    DOCKER_HOST: host,
    XDG_CONFIG_HOME: `${home.path}/config`,
    XDG_STATE_HOME: `${home.path}/state`,
    XDG_CACHE_HOME: `${home.path}/cache`,
  };
  const begin = (...args: string[]): Promise<StartedProcess> =>
    start([BINARY, ...args], { cwd: source.path, env, timeout: DEPLOY_TIMEOUT_MS });
  const image = async (tag: string): Promise<Inspected> => (await engine.get(`/images/oneoff/${app}:${tag}/json`)).body;
  return {
    app,
    source: source.path,
    /** How `begin` runs the binary. */
    settings: { cwd: source.path, env },
    begin,
    image,
    oneoff: async (...args: string[]): Promise<Said> => said(await begin(...args)),
    deploy: async (...args: string[]): Promise<Said> => said(await begin("deploy", ...args)),
    /** Prints `NAME=value` in a one-off; exits with 1 if the variable is not set. */
    printenv: async (name: string): Promise<Said> =>
      said(await begin("run", app, "sh", "-c", `env | grep "^$1="`, "sh", name)),
    /** A successful deploy. @returns its stderr. */
    async deployed(...args: string[]): Promise<string> {
      const { code, stderr } = await said(await begin("deploy", ...args));
      expect(code, stderr.split("\n").slice(-10).join("\n")).toBe(0);
      return stderr;
    },
    write: (name: string, content: string) => writeFile(join(source.path, name), content),
    remove: (name: string) => rm(join(source.path, name)),
    yaml: (more: string) => writeFile(join(source.path, "oneoff.yaml"), manifest(more)),
    /**
     * All containers of the app without its name, e.g. `web.1 running`. Waits for the removal of exited one-offs, which
     * the engine does in the background.
     */
    containers: () =>
      eventually(async () => {
        const listed = await containers(host, label);
        const all = listed.map(({ Names, State }) => `${Names[0]?.slice(app.length + 2)} ${State}`).sort();
        expect(all.filter((one) => / removing$/.test(one) || /^run\.\d+ (?!running$)/.test(one))).toEqual([]);
        return all;
      }),
    /** Waits for a running container of the app. @returns its ID. */
    async running(pattern: RegExp): Promise<string> {
      return await eventually(async () => {
        const listed = await containers(host, label);
        const [one] = listed.filter(({ Names, State }) => State === "running" && pattern.test(Names[0] ?? ""));
        expect(one).toBeDefined();
        return one?.Id as string;
      });
    },
    async inspect(name: string): Promise<Inspected> {
      return (await engine.get(`/containers/${app}.${name}/json`)).body;
    },
    /** The log of a process. */
    async output(name: string): Promise<string> {
      return (await engine.get(`/containers/${app}.${name}/logs?stdout=1&stderr=1`)).bytes.toString();
    },
    /** Tags of its images, except tags for kept containers, rollbacks and build caches. */
    async tags(): Promise<string[]> {
      const tags = (await imageTags(host, `oneoff/${app}`)).map((name) => name.slice(name.indexOf(":") + 1));
      return tags.filter((tag) => !/^(oneoff-(built|loaded|cache)|failed|previous)$/.test(tag));
    },
    latest: async () => (await image("latest")).Id as string | undefined,
    /** Releases from `oneoff releases`. */
    async releases(): Promise<{ release: number; live: boolean }[]> {
      const { stdout } = await said(await begin("releases", app, "--format", "json"));
      return JSON.parse(stdout).map(({ release, live }: { release: number; live: boolean }) => ({ release, live }));
    },
    env: async (): Promise<Record<string, string>> =>
      JSON.parse(await readFile(`${home.path}/config/oneoff/env/${app}.json`, "utf8")),
    setEnv: (values: object) =>
      writeFile(`${home.path}/config/oneoff/env/${app}.json`, JSON.stringify(values), { mode: 0o600 }),
    async [Symbol.asyncDispose]() {
      await removeByLabel(host, label);
      // Without force: Podman would also remove containers of another app with an identical image.
      for (const tag of await imageTags(host, `oneoff/${app}`)) await engine.delete(`/images/${tag}`);
      await source[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

export type DeployPlace = Awaited<ReturnType<typeof deployPlace>>;

/** Counts occurrences of a text. */
export const count = (text: string, part: string) => text.split(part).length - 1;
