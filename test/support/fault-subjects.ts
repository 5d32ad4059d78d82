import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildImage } from "./base-image.ts";
import { deployPlace } from "./deploy-place.ts";
import { api, ask, containers, removeByLabel } from "./docker-api.ts";
import type { Subject } from "./fault-sweep.ts";
import { folder } from "./folder.ts";
import { BINARY, type Said } from "./oneoff-suite.ts";
import { run } from "./process.ts";

/** Larger than one chunk and one frame. */
const CONTENT = `${"content ".repeat(20_000)}\n`;

/** Runs long enough to attach to it or wait for it. */
const COMMAND = "cat /tmp/file; sleep 1; echo done";
const OUTPUT = `${CONTENT}done\n`;

/** Creates subjects. */
type Maker = (host: string) => () => Promise<Subject>;

/** An app with a unique name, and a file. */
async function scene(host: string) {
  const app = `app-${randomUUID().slice(0, 8)}`;
  const label = `dev.oneoff.app=${app}`;
  const home = await folder({ file: CONTENT });
  const env = { XDG_STATE_HOME: `${home.path}/state`, XDG_CONFIG_HOME: `${home.path}/config` };
  const oneoff = async (...words: string[]) => {
    const { code, stdout, stderr } = await run([BINARY, ...words], {
      cwd: home.path,
      env: { ...env, DOCKER_HOST: host },
    });
    if (code !== 0) throw new Error(`${words.join(" ")} has failed:\n${stderr}`);
    return stdout.toString();
  };
  const found = () => containers(host, label);
  return {
    app,
    cwd: home.path,
    env,
    oneoff,
    found,
    left: async () => (await found()).map(({ Names, State }) => `${Names[0]} ${State}`),
    /** Starts a detached one-off. */
    async detached(command: string): Promise<string> {
      const words = ["run", "--quiet", "--detach", "--image", "busybox:local", "--file", "file:/tmp/file", app];
      const id = (await oneoff(...words, "sh", "-c", command)).trim();
      return (await api(host).get(`/containers/${id}/json`)).body.Name.slice(1);
    },
    recover: async () => void (await oneoff("reap")),
    [Symbol.asyncDispose]: async () => {
      await removeByLabel(host, label);
      await home[Symbol.asyncDispose]();
    },
  };
}

const RUN = ["run", "--quiet", "--image", "busybox:local", "--user", "app", "--file", "file:/tmp/file"];

/** With a file, a user name and a lock, which need requests before the start. */
const runSubject: Maker = (host) => async () => {
  const self = await scene(host);
  return {
    ...self,
    words: [...RUN, "--lock", self.app, self.app, "sh", "-c", COMMAND],
    done: async ({ stdout }) => stdout === OUTPUT,
  };
};

const detachedSubject: Maker = (host) => async () => {
  const self = await scene(host);
  const started = async () => (await self.found()).filter(({ Labels }) => Labels["dev.oneoff.kind"] === "run");
  return {
    ...self,
    words: [...RUN, "--detach", "--retain", "1s", self.app, "sh", "-c", COMMAND],
    async done({ stdout }) {
      const { body } = await api(host).get(`/containers/${stdout.trim()}/json`);
      return body.State?.Running || body.State?.ExitCode === 0;
    },
    // The one-off keeps running; `reap` removes it after its retention.
    left: async () => {
      if ((await started()).some(({ State }) => State !== "created")) await self.oneoff("reap");
      return await self.left();
    },
  };
};

/** A subject that uses a running one-off. */
const ofOneoff =
  (
    words: (name: string, app: string) => string[],
    isDone: (said: Said, name: string, cwd: string) => boolean | Promise<boolean>,
    command = "sleep 600",
  ): Maker =>
  (host) =>
  async () => {
    const self = await scene(host);
    const name = await self.detached(command);
    return {
      ...self,
      words: words(name, self.app),
      done: async (said) => await isDone(said, name, self.cwd),
      left: async () => (await self.left()).filter((one) => !one.startsWith(`/${name} `)),
    };
  };

const execSubject = ofOneoff(
  (name) => ["exec", name, "sh", "-c", COMMAND],
  ({ stdout }) => stdout === OUTPUT,
);

const attachSubject = ofOneoff(
  (name) => ["attach", "--quiet", name],
  ({ stdout }) => stdout === OUTPUT,
  COMMAND,
);

const waitSubject: Maker = (host) =>
  ofOneoff(
    (name) => ["wait", name],
    async (_result, name) => (await api(host).get(`/containers/${name}/json`)).body.State.Status === "exited",
    "sleep 1",
  )(host);

const logsSubject = ofOneoff(
  (name) => ["logs", "--raw", "--follow", name],
  ({ stdout }) => stdout === OUTPUT,
  COMMAND,
);

const linesSubject = ofOneoff(
  (name) => ["logs", name],
  ({ stdout }) => stdout.includes("text"),
  "echo text; sleep 600",
);

const copyOutSubject = ofOneoff(
  (name) => ["cp", "--quiet", `${name}:/tmp/file`, "copy"],
  async (_result, _name, cwd) => (await readFile(join(cwd, "copy"), "utf8")) === CONTENT,
);

const copyInSubject: Maker = (host) =>
  ofOneoff(
    (name) => ["cp", "--quiet", "file", `${name}:/tmp/copy`],
    async (_result, name) => (await ask(host, name, "cmp /tmp/file /tmp/copy && echo same")) === "same",
  )(host);

const copyArchiveSubject = ofOneoff(
  (name) => ["cp", "--quiet", `${name}:/tmp/file`, "-"],
  ({ stdout }) => stdout.includes(CONTENT) && stdout.length % 512 === 0 && stdout.endsWith("\0".repeat(1024)),
);

/** Builds an image of a version, with a release phase and a process. */
const imageOf = (host: string, app: string, version: string) =>
  buildImage(
    host,
    `${app}:${version}`,
    `FROM busybox:local\nLABEL test.version=${version}\nWORKDIR /app\nCOPY Procfile app.json ./\n`,
    {
      Procfile: "web: sleep 600\nrelease: echo release\n",
      "app.json": JSON.stringify({
        scripts: { dokku: { predeploy: "echo predeploy", postdeploy: "echo postdeploy" } },
      }),
    },
  );

/** An app that is deployed repeatedly. */
async function deployed(host: string) {
  const place = await deployPlace(host, { build: false, yaml: "image: busybox:local\n" });
  const { app } = place;
  await Promise.all(["1", "2"].map((version) => imageOf(host, app, version)));
  const live = async () => (await place.inspect("web.1")).Config?.Labels["test.version"] as string | undefined;
  const clean = (version: string) => place.deployed("--force", "--image", `${app}:${version}`, app);
  await clean("1");
  return {
    ...place,
    live,
    clean,
    cwd: place.source,
    env: place.settings.env,
    left: async () => {
      // The container of a failed phase stays until the next deploy.
      const all = (await place.containers()).filter((one) => !/^(predeploy|release|postdeploy)\.\d+ exited$/.test(one));
      return all.join() === "web.1 running" ? [] : all;
    },
    async dispose() {
      await place[Symbol.asyncDispose]();
      for (const version of ["1", "2"]) await api(host).delete(`/images/${app}:${version}`);
    },
  };
}

/** Creates subjects from one app. */
async function deploySubject(host: string) {
  const self = await deployed(host);
  return {
    async begin(): Promise<Subject> {
      const before = await self.live();
      const version = before === "1" ? "2" : "1";
      return {
        ...self,
        words: ["deploy", "--quiet", "--image", `${self.app}:${version}`, self.app],
        done: async () => (await self.live()) === version,
        // The next deploy completes or rolls back the interrupted one.
        recover: async () => void (await self.clean(version)),
        async [Symbol.asyncDispose]() {},
      };
    },
    [Symbol.asyncDispose]: () => self.dispose(),
  };
}

async function rollbackSubject(host: string) {
  const self = await deployed(host);
  return {
    async begin(): Promise<Subject> {
      const other = (await self.live()) === "1" ? "2" : "1";
      await self.clean(other);
      const before = other === "1" ? "2" : "1";
      return {
        ...self,
        words: ["rollback", "--quiet", self.app],
        done: async () => (await self.live()) === before,
        recover: async () => void (await self.clean(other)),
        async [Symbol.asyncDispose]() {},
      };
    },
    [Symbol.asyncDispose]: () => self.dispose(),
  };
}

/** Subjects by command, except deploys. */
export const SUBJECTS = {
  run: runSubject,
  "run --detach": detachedSubject,
  exec: execSubject,
  attach: attachSubject,
  wait: waitSubject,
  "logs --raw --follow": logsSubject,
  logs: linesSubject,
  "cp from a one-off": copyOutSubject,
  "cp to a one-off": copyInSubject,
  "cp of an archive": copyArchiveSubject,
} as const satisfies Readonly<Record<string, Maker>>;

export const DEPLOYS = { deploy: deploySubject, rollback: rollbackSubject } as const;
