import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { api, containers, imageTags, removeByLabel } from "./docker-api.ts";
import { folder } from "./folder.ts";
import { BINARY, eventually, type Inspected, type Said, said } from "./oneoff-suite.ts";
import { type StartedProcess, start } from "./process.ts";

/** In milliseconds: several builds, and as many starts. */
export const DEPLOY_TIMEOUT_MS = 110_000;

export const DOCKERFILE = 'FROM busybox:local\nWORKDIR /app\nCMD ["sleep", "600"]\n';
export const WEB = "web: sleep 600\n";

/** The text of an app.json. */
export const scripts = (all: { predeploy?: string; postdeploy?: string; first?: string; env?: object }) =>
  JSON.stringify({
    scripts: { dokku: { predeploy: all.predeploy, postdeploy: all.postdeploy }, postdeploy: all.first },
    env: all.env,
  });

export interface DeployPlaceOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** More lines of oneoff.yaml. */
  readonly yaml?: string;
  /** Without one an image is what is deployed. */
  readonly build?: boolean;
}

/**
 * With a label of its own: an engine may remove for one app what it has just built for another, where that is the same. The
 * cache of Podman's builder is the images that there are: what one app removes, others would have to build anew.
 */
const labelled = (dockerfile: string, app: string) =>
  inject("engine").name === "podman"
    ? dockerfile.replace("\n", `\nLABEL of=${app}\n`)
    : `${dockerfile}LABEL of=${app}\n`;

/** An app that nobody else has: its source, and a home of its own. */
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
  const begin = (...words: string[]): Promise<StartedProcess> =>
    start([BINARY, ...words], { cwd: source.path, env, timeout: DEPLOY_TIMEOUT_MS });
  const image = async (tag: string): Promise<Inspected> => (await engine.get(`/images/oneoff/${app}:${tag}/json`)).body;
  return {
    app,
    source: source.path,
    /** What `begin` runs the binary with. */
    settings: { cwd: source.path, env },
    begin,
    image,
    oneoff: async (...words: string[]): Promise<Said> => said(await begin(...words)),
    deploy: async (...words: string[]): Promise<Said> => said(await begin("deploy", ...words)),
    /** `NAME=value` as a one-off has it; ends with 1 where there is no such variable. */
    printenv: async (name: string): Promise<Said> =>
      said(await begin("run", app, "sh", "-c", `env | grep "^$1="`, "sh", name)),
    /** A deploy that goes well. @returns what it says. */
    async deployed(...words: string[]): Promise<string> {
      const { code, stderr } = await said(await begin("deploy", ...words));
      expect(code, stderr.split("\n").slice(-10).join("\n")).toBe(0);
      return stderr;
    },
    write: (name: string, content: string) => writeFile(join(source.path, name), content),
    remove: (name: string) => rm(join(source.path, name)),
    yaml: (more: string) => writeFile(join(source.path, "oneoff.yaml"), manifest(more)),
    /**
     * Whatever carries the app's name, by its own, as in `web.1 running`. One-offs that have ended, and what else is just
     * being removed, are waited for: the engine removes them in its own time.
     */
    containers: () =>
      eventually(async () => {
        const found = await containers(host, label);
        const all = found.map(({ Names, State }) => `${Names[0]?.slice(app.length + 2)} ${State}`).sort();
        expect(all.filter((one) => / removing$/.test(one) || /^run\.\d+ (?!running$)/.test(one))).toEqual([]);
        return all;
      }),
    /** The id of a container of the app, once it runs. */
    async running(pattern: RegExp): Promise<string> {
      return await eventually(async () => {
        const found = await containers(host, label);
        const [one] = found.filter(({ Names, State }) => State === "running" && pattern.test(Names[0] ?? ""));
        expect(one).toBeDefined();
        return one?.Id as string;
      });
    },
    async inspect(name: string): Promise<Inspected> {
      return (await engine.get(`/containers/${app}.${name}/json`)).body;
    },
    /** What a process has written. */
    async output(name: string): Promise<string> {
      return (await engine.get(`/containers/${app}.${name}/logs?stdout=1&stderr=1`)).bytes.toString();
    },
    /** The tags of its images, but for what a kept container or a rollback needs, and the cache of builders that have no other. */
    async tags(): Promise<string[]> {
      const tags = (await imageTags(host, `oneoff/${app}`)).map((name) => name.slice(name.indexOf(":") + 1));
      return tags.filter((tag) => !/^(oneoff-(built|loaded|cache)|failed|previous)$/.test(tag));
    },
    latest: async () => (await image("latest")).Id as string | undefined,
    /** The numbers of its releases that are live, from `oneoff releases`. */
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
      // Not by force: of another app's image that is the same, Podman would remove the containers too.
      for (const tag of await imageTags(host, `oneoff/${app}`)) await engine.delete(`/images/${tag}`);
      await source[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

export type DeployPlace = Awaited<ReturnType<typeof deployPlace>>;

/** How often one text is in another. */
export const count = (text: string, part: string) => text.split(part).length - 1;
