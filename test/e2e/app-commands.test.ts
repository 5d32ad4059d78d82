import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { ofCompose, ofDokku, ofKamal, ofOneoff } from "../support/deployed.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, givenEnv, type Inspected, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const id = randomUUID().slice(0, 8);
/** Removes all containers that could be listed and copied. */
const SOURCE = `test.oneoff.source=${id}`;

const image = `oneoff-e2e-commands-${id}:latest`;
const other = `oneoff-e2e-other-${id}:latest`;
const release = `oneoff/released-${id}:latest`;
const volume = `data-${id}`;
const network = `net-${id}`;
/** A value that is shown only on request. */
const SECRET = `hunter2-${id}`;

async function ok(sent: Promise<{ status: number; body: unknown }>) {
  const { status, body } = await sent;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as { Id: string };
}

/** Creates a container as another tool would. */
async function deploy(name: string, body: Record<string, unknown> = {}, labels: Record<string, string> = {}) {
  const [key, value] = SOURCE.split("=") as [string, string];
  const whole = { Image: image, ...body, Labels: { ...labels, [key]: value } };
  const { Id } = await ok(engine.post(`/containers/create?name=${name}`, whole));
  await ok(engine.post(`/containers/${Id}/start`));
  return Id;
}

/** Starts it with the name and the labels of a deployer. */
const deployAs = ({ Names, Labels }: ReturnType<typeof ofDokku>, body: Record<string, unknown> = {}) =>
  deploy(Names[0]?.slice(1) as string, body, { ...Labels });

beforeAll(async () => {
  const files = { Procfile: `web: sleep 1000\nconsole: echo console\n` };
  const rest = 'COPY Procfile /srv/Procfile\nWORKDIR /srv\nCMD ["sleep", "1000"]';
  await buildImage(host, image, `FROM busybox:local\nENV FROM_IMAGE=image CHANGED=image\n${rest}\nUSER app`, files);
  await buildImage(host, other, `FROM busybox:local\nENV PATH=/bin:/other FROM_OTHER=1\nWORKDIR /other`, files);
  await buildImage(host, release, `FROM busybox:local\n${rest}`, files);
  await ok(engine.post("/networks/create", { Name: network }));
  await ok(engine.post("/volumes/create", { Name: volume }));
});
afterAll(async () => {
  await removeByLabel(host, SOURCE);
  for (const path of [`/networks/${network}`, `/volumes/${volume}`])
    expect((await engine.delete(path)).status).toBe(204);
  await Promise.all([image, other, release].map((one) => engine.delete(`/images/${one}?force=1`)));
});

const asDockerHas = (limit: { Name: string }) => ({ ...limit, Name: limit.Name.replace("RLIMIT_", "").toLowerCase() });

/** Runs a command of the binary about apps. */
const oneoff = async (words: readonly string[], cwd = "/") =>
  said(await start([BINARY, ...words], { cwd, env: { DOCKER_HOST: host }, timeout: 60_000 }));

describe("oneoff apps", () => {
  const manifest = `apps:
  described-${id}: {image: "${image}"}
  copied-${id}: {from: "compose:shop${id}/web"}
  absent-${id}: {image: "oneoff-e2e-no-such-${id}:latest"}
  unreleased-${id}: {build: .}
`;

  test("apps lists every app by the name that runs it", async () => {
    await deployAs(ofDokku(`my-app-${id}`, "web"));
    await deployAs(ofDokku(`my-app-${id}`, "worker"));
    await deployAs(ofCompose(`shop${id}`, "web"));
    await deployAs(ofCompose(`shop${id}`, "db"));
    await deployAs(ofKamal(`blog${id}`, "web"));
    await deployAs(ofOneoff(`mine-${id}`, "web"));
    await deploy(`Plain_${id}`);
    // Two apps with the same name, and apps that are described or released as well as deployed.
    await deployAs(ofDokku(`twice-${id}`, "web"));
    await deploy(`twice-${id}`);
    await deploy(`described-${id}`);
    await deployAs(ofOneoff(`released-${id}`, "web"));
    const ended = await deploy(`ended-${id}`);
    await ok(engine.post(`/containers/${ended}/kill`));
    await using mine = suite.apart();
    const { stdout: detached } = await mine.runApp(["--detach", `Plain_${id}`, "sleep", "1000"]);
    await using there = await folder({ "oneoff.yaml": manifest });

    const { code, stdout, stderr } = await oneoff(["apps", "--format", "json"], there.path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    type Listed = { name: string; from: string; state: string; image: string; createdAt: string };
    const apps: Listed[] = JSON.parse(stdout).filter(({ name }: Listed) => name.includes(id));
    const states = apps.map(({ name, from, state }) => [name, from, state]);
    expect(states).toEqual([
      [`Plain_${id}`, "container", "running"],
      [`absent-${id}`, "oneoff.yaml", "missing"],
      [`blog${id}`, "kamal", "running"],
      [`container:described-${id}`, "container", "running"],
      [`container:twice-${id}`, "container", "running"],
      [`copied-${id}`, "oneoff.yaml", "running"],
      [`described-${id}`, "oneoff.yaml", "ready"],
      [`dokku:twice-${id}`, "dokku", "running"],
      [`ended-${id}`, "container", "stopped"],
      [`mine-${id}`, "oneoff", "running"],
      [`my-app-${id}`, "dokku", "running"],
      [`released-${id}`, "image", "ready"],
      [`shop${id}/db`, "compose", "running"],
      [`shop${id}/web`, "compose", "running"],
      [`unreleased-${id}`, "oneoff.yaml", "missing"],
    ]);
    for (const { state, image: shown, createdAt } of apps) {
      if (state === "missing") continue;
      expect([image, release]).toContain(shown);
      // Generous for a busy machine, and still an upper bound.
      expect(Math.abs(Date.now() - Date.parse(createdAt))).toBeLessThan(600_000);
    }
    const runs = apps
      .filter(({ state }) => state !== "missing")
      .map(async ({ name }) => {
        const ran = await suite.runApp([name, "true"], { cwd: there.path });
        expect([name, ran]).toEqual([name, { code: 0, stdout: "", stderr: "" }]);
      });
    await Promise.all(runs);

    // The table for people, without oneoff's own one-offs.
    const told = await oneoff(["apps"], there.path);
    expect(told).toMatchObject({ code: 0, stderr: "" });
    expect(told.stdout).toMatch(/^APP +FROM +IMAGE +STATE +AGE\n/);
    expect(told.stdout).toMatch(new RegExp(`^my-app-${id} +dokku +${image} +web \\d/\\d.* +\\d+[smh]$`, "m"));
    expect(told.stdout).toMatch(new RegExp(`^absent-${id} +oneoff.yaml +\\S+ +no image$`, "m"));
    expect(told.stdout).not.toContain(".run.");
    await engine.post(`/containers/${detached.trim()}/kill`);
  });

  test("the error of an unknown app names the apps that exist", async () => {
    await deploy(`lonely-${id}`);
    expect(await suite.runApp([`lonley-${id}`, "true"])).toMatchObject({
      code: 125,
      stdout: "",
      stderr: expect.stringMatching(
        new RegExp(
          `\nknown apps: .*\\blonely-${id}\\b.*\nDid you mean lonely-${id}\\?\n  oneoff run lonely-${id} …\n$`,
        ),
      ),
    });
  });
});

describe("oneoff app:info", () => {
  const name = `info${id}/web`;
  const labels = ofCompose(`info${id}`, "web").Labels;
  let source: string;
  beforeAll(async () => {
    source = await deploy(
      `info${id}-web-1`,
      {
        Env: [`SECRET=${SECRET}`, "CHANGED=container", "LINES=a\nb", "EMPTY="],
        Entrypoint: ["env", "--"],
        WorkingDir: "/tmp",
        Cmd: ["sleep", "1000"],
        HostConfig: {
          ...{ NetworkMode: network, CapAdd: ["CAP_NET_ADMIN"], ShmSize: 1 << 23 },
          Binds: [`${volume}:/data`],
          Mounts: [{ Type: "tmpfs", Target: "/scratch" }],
        },
      },
      { ...labels },
    );
  });

  test("app:info shows the names of variables, and none of their values", async () => {
    for (const format of [[], ["--format", "json"]]) {
      const { code, stdout, stderr } = await oneoff(["app:info", name, ...format]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      for (const variable of ["SECRET", "CHANGED", "LINES", "EMPTY", "PATH", "FROM_IMAGE"])
        expect(stdout).toContain(variable);
      expect(stdout).not.toContain(SECRET);
      expect(stdout).toContain(`info${id}-web-1`);
    }
    const { stdout } = await oneoff(["app:info", name]);
    expect(stdout).toMatch(/^SECRET +\*\*\* +container$/m);
    expect(stdout).toMatch(/^FROM_IMAGE +\*\*\* +image$/m);
  });

  test("app:info shows the values of variables on request, each on a line", async () => {
    const { stdout } = await oneoff(["app:info", "--show-env", name]);
    expect(stdout).toMatch(new RegExp(`^SECRET +${SECRET} +container$`, "m"));
    expect(stdout).toMatch(/^CHANGED +container +container$/m);
    expect(stdout).toMatch(/^LINES +a\\nb +container$/m);
    expect(stdout).toMatch(/^FROM_IMAGE +image +image$/m);
  });

  /** The output, without the column that names the source. */
  const info = async (words: readonly string[], cwd?: string) => {
    const { stdout } = await oneoff(["app:info", "--show-env", "--format", "json", ...words], cwd);
    const { settings, mounts, env, procfile } = JSON.parse(stdout);
    type Value = { value: unknown };
    const values = (named: Record<string, Value>) =>
      Object.fromEntries(Object.entries(named).map(([name, { value }]) => [name, value]));
    return { settings: values(settings), mounts: values(mounts), env: values(env), procfile: values(procfile) };
  };

  /** The settings of the one-off that these arguments run. */
  async function run(words: readonly string[], cwd = "/") {
    await using mine = suite.apart();
    const running = mine.runApp([...words, "sleep", "100"], { cwd });
    const found: Inspected = await Promise.race([
      mine.running(),
      running.then((end) => Promise.reject(new Error(JSON.stringify(end)))),
    ]);
    await engine.post(`/containers/${found.Id}/kill`);
    expect(await running).toMatchObject({ code: 137, stderr: "" });
    return found;
  }
  const envOf = ({ Config }: Inspected) =>
    Object.fromEntries(
      givenEnv(Config).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  const asked = (values: Record<string, object | null | undefined>) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => Object.keys(value ?? {}).length > 0));
  /** Podman sets HOME to the home of the container's user. */
  const expectEnv = (env: Record<string, unknown>, got: Inspected) =>
    expect({ HOME: envOf(got).HOME, ...env }).toEqual(envOf(got));

  test("app:info of a container matches the settings of its one-off", async () => {
    const [said, got] = [await info([name]), await run([name])];
    expectEnv(said.env, got);
    expect(Object.keys(said.mounts).sort()).toEqual(got.Mounts.map((one: Inspected) => one.Destination).sort());
    expect(said.settings).toEqual({
      image: got.Image,
      user: got.Config.User,
      workdir: got.Config.WorkingDir,
      entrypoint: got.Config.Entrypoint,
      init: got.HostConfig.Init,
      networks: Object.keys(got.NetworkSettings.Networks),
      CapAdd: got.HostConfig.CapAdd,
      ShmSize: got.HostConfig.ShmSize,
      Runtime: got.HostConfig.Runtime,
      // Podman reports a tmpfs mount differently, has limits of its own under other names, and drops more capabilities.
      ...asked({
        Tmpfs: got.HostConfig.Tmpfs,
        Ulimits: got.HostConfig.Ulimits?.map(asDockerHas),
        CapDrop: got.HostConfig.CapDrop,
      }),
      ...(/^(private)?$/.test(got.HostConfig.CgroupnsMode) ? {} : { CgroupnsMode: got.HostConfig.CgroupnsMode }),
    });
    expect(said.procfile).toEqual({});
    expect(got.Image).toBe((await engine.get(`/containers/${source}/json`)).body.Image);
  });

  test("app:info of oneoff.yaml matches the settings of its one-off", needs("kept limits"), async () => {
    await using there = await folder({
      "oneoff.yaml": `app: my-app
image: ${image}
env: {CHANGED: yaml, SECRET: "${SECRET}"}
mounts: ["${volume}:/data:ro", {type: tmpfs, target: /scratch}]
networks: [${network}]
workdir: /data
init: false
run: {memory: 64m, cpus: 0.5, pids-limit: 50, timeout: 1h}
`,
    });
    const [said, got] = [await info(["my-app"], there.path), await run(["my-app"], there.path)];
    expectEnv(said.env, got);
    const mounts = got.Mounts.map((one: Inspected) => one.Destination);
    expect(Object.keys(said.mounts).sort()).toEqual([...mounts, ...Object.keys(got.HostConfig.Tmpfs ?? {})].sort());
    expect(said.settings).toEqual({
      image: got.Config.Image.replace(/^docker\.io\/library\//, ""),
      user: got.Config.User,
      workdir: got.Config.WorkingDir,
      init: got.HostConfig.Init ?? false,
      networks: Object.keys(got.NetworkSettings.Networks),
      memory: got.HostConfig.Memory,
      cpus: got.HostConfig.NanoCpus / 1e9,
      "pids-limit": got.HostConfig.PidsLimit,
      timeout: 3600,
    });
    // The entrypoint of the image.
    expect(said.procfile).toEqual({ web: "sleep 1000", console: "echo console" });
  });

  test("app:info of a release matches the settings of its one-off", async () => {
    const [said, got] = [await info([`released-${id}`]), await run([`released-${id}`])];
    expectEnv(said.env, got);
    // Settings of the app's process are copied, spelled as the engine spells them.
    expect(said.settings).toMatchObject({
      image: release,
      workdir: got.Config.WorkingDir,
      init: true,
      // Podman has two names for the default network.
      networks: [expect.stringMatching(/^(bridge|podman)$/)],
    });
    expect(Object.keys(got.NetworkSettings.Networks)).toEqual([expect.stringMatching(/^(bridge|podman)$/)]);
    expect(said).toMatchObject({ mounts: {}, procfile: { web: "sleep 1000", console: "echo console" } });
  });

  test("app:info of an unknown app fails", async () =>
    expect(await oneoff(["app:info", `nowhere-${id}`])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining(`No such app "nowhere-${id}"`),
    }));
});

test("runs another image with an app's settings, without those that only its own image set", {
  tags: ["full"],
}, async () => {
  await deploy(`surrounded-${id}`, {
    Env: ["A=container", `SECRET=${SECRET}`],
    HostConfig: { Binds: [`${volume}:/data`], NetworkMode: network, ShmSize: 1 << 23 },
  });
  const script =
    'env | grep -v "^DYNO=\\|^HOSTNAME=\\|^HOME=\\|^SHLVL=\\|^container=podman$\\|^TERM=xterm$" | sort; pwd; id -un; grep -c " /data " /proc/mounts';
  const own = await suite.runApp([`surrounded-${id}`, "sh", "-c", script]);
  expect(own).toMatchObject({ code: 0, stderr: "" });
  expect(own.stdout.split("\n")).toEqual([
    "A=container",
    "CHANGED=image",
    "FROM_IMAGE=image",
    "PATH=/bin",
    "PWD=/srv",
    `SECRET=${SECRET}`,
    "/srv",
    "app",
    "1",
    "",
  ]);
  const another = await suite.runApp(["--image", other, `surrounded-${id}`, "sh", "-c", script]);
  expect(another).toMatchObject({ code: 0, stderr: "" });
  expect(another.stdout.split("\n")).toEqual([
    "A=container",
    "FROM_OTHER=1",
    "PATH=/bin:/other",
    "PWD=/other",
    `SECRET=${SECRET}`,
    "/other",
    "root",
    "1",
    "",
  ]);
});

describe("app that shares a namespace with another container", () => {
  const shares = (mode: string) =>
    [
      ["NetworkMode", `net-${mode}`],
      ["PidMode", `pid-${mode}`],
      ["IpcMode", `ipc-${mode}`],
    ] as const;

  /** Creates an app that shares a namespace with another container. @returns the id of the latter. */
  async function beside(key: string, name: string) {
    const first = await deploy(`${name}-first-${id}`, { HostConfig: { IpcMode: "shareable" } });
    await deploy(`${name}-${id}`, { HostConfig: { [key]: `container:${first}` } });
    return first;
  }

  for (const [scope, rows] of quickAndFull(shares("running"), 1))
    test.each(rows)("one-offs share the namespace of their app: %s", scope, async (key, name) => {
      const first = await beside(key, name);
      const spaces = { NetworkMode: "net", PidMode: "pid", IpcMode: "ipc" }[key];
      const ours = await suite.runApp([`${name}-${id}`, "readlink", `/proc/self/ns/${spaces}`]);
      expect(ours).toMatchObject({ code: 0, stderr: "" });
      await using mine = suite.apart();
      const running = mine.runApp([`${name}-${id}`, "sleep", "100"]);
      const { Id, HostConfig } = await mine.running();
      expect(HostConfig[key]).toBe(`container:${first}`);
      await engine.post(`/containers/${Id}/kill`);
      expect(await running).toMatchObject({ code: 137 });
      await mine.gone();
    });

  for (const [scope, rows] of quickAndFull(shares("removed"), 1))
    test.each(rows)(
      "refuses to share a namespace with a removed container, and leaves nothing: %s",
      { ...needs("shares that go"), ...scope },
      async (key, name) => {
        const first = await beside(key, name);
        expect((await engine.delete(`/containers/${first}?force=1`)).status).toBe(204);
        await refused(name, { NetworkMode: "network", PidMode: "processes", IpcMode: "memory" }[key]);
      },
    );

  for (const [scope, rows] of quickAndFull(shares("ended"), 1))
    test.each(rows)(
      "refuses to share a namespace with a container that exited, and leaves nothing: %s",
      scope,
      async (key, name) => {
        const first = await beside(key, name);
        expect((await engine.post(`/containers/${first}/kill`)).status).toBe(204);
        await refused(name, { NetworkMode: "network", PidMode: "processes", IpcMode: "memory" }[key]);
      },
    );

  async function refused(name: string, shared: string) {
    await using mine = suite.apart();
    // Podman starts the container to share with, unless oneoff attaches first.
    for (const detach of inject("engine").name === "podman" ? [[]] : [[], ["--detach"]]) {
      const { code, stdout, stderr } = await mine.runApp([...detach, `${name}-${id}`, "true"]);
      expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
      expect(stderr).toMatch(
        new RegExp(
          `^oneoff: "${name}-${id}" shares the ${shared} of a container that is not running: .+\n  start that container.*\n$`,
        ),
      );
      expect(await mine.containers()).toEqual([]);
    }
  }
});
