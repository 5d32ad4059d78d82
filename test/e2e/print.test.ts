import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, type TestContext, test } from "vitest";
import { quoteWord } from "../../src/app/quote.ts";
import { compareVersions } from "../../src/engine/version.ts";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { type Inspected, NARROW, type Oneoffs, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { install, PATH } from "../support/packages.ts";
import { type Env, type ProcessOptions, start } from "../support/process.ts";

const host = inject("engineHost");
const { name: kind, rootless, limits } = inject("engine");
const engine = api(host);
const suite = oneoffSuite(host);
const id = randomUUID().slice(0, 8);
const image = `oneoff-e2e-print-${id}:latest`;
const [front, back, volume] = [`print-front-${id}`, `print-back-${id}`, `print-data-${id}`];
const source = { name: `print-${id}`, label: `test.oneoff.source=${id}` };

/** Values that a shell, or docker's option parser, could change. */
const SECRETS = { SECRET: "a=b 'c' \"d\" $e `f` \\g", LINES: "one\ntwo", EMPTY: "" };

/** Why there is no docker client, where it cannot be installed. */
const noClient = await install("docker").then(
  () => undefined,
  (error: Error) => error.message,
);
const needsClient = (context: TestContext) => context.skip(noClient !== undefined, noClient);

async function ok(sent: Promise<{ status: number; body: unknown }>) {
  const { status, body } = await sent;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as { Id: string };
}

beforeAll(async () => {
  const dockerfile = 'FROM busybox:local\nENV FROM_IMAGE=image\nENTRYPOINT ["env"]\nHEALTHCHECK CMD true';
  await buildImage(host, image, dockerfile);
  for (const Name of [front, back]) await ok(engine.post("/networks/create", { Name }));
  const { Id } = await ok(engine.post(`/containers/create?name=${source.name}`, deployed()));
  // Engines before API 1.44 join several networks in several steps, which no docker command does.
  const { ApiVersion } = (await engine.get("/version")).body;
  if (compareVersions(ApiVersion, "1.44") >= 0) await ok(engine.post(`/networks/${back}/connect`, { Container: Id }));
  await ok(engine.post(`/containers/${Id}/start`));
});
afterAll(async () => {
  await removeByLabel(host, source.label);
  for (const path of [`/networks/${front}`, `/networks/${back}`, `/volumes/${volume}`]) await ok(engine.delete(path));
  await engine.delete(`/images/${image}?force=1`);
});

/** A container with as many settings as an engine for tests supports. */
const deployed = () => ({
  Image: image,
  Cmd: ["sleep", "1000"],
  Env: Object.entries(SECRETS).map(([name, value]) => `${name}=${value}`),
  Labels: { "test.oneoff.source": id },
  User: "0:1000",
  WorkingDir: "/tmp",
  ...{ StopSignal: "SIGINT", StopTimeout: 60 },
  HostConfig: {
    NetworkMode: front,
    Binds: [`${volume}:/data`, "/etc/passwd:/host/pass word:ro", "/lone"],
    Mounts: [
      { Type: "tmpfs", Target: "/scratch", TmpfsOptions: { SizeBytes: 1 << 20, Mode: 0o1770 } },
      {
        Type: "volume",
        Source: volume,
        Target: kind === "podman" ? "/with space" : "/with,comma",
        ReadOnly: true,
        VolumeOptions: { NoCopy: true, DriverConfig: {} },
      },
      { Type: "bind", Source: "/etc/group", Target: "/host/group", BindOptions: { Propagation: "private" } },
    ],
    ...{ Tmpfs: { "/run": "size=1m" }, ShmSize: 1 << 23, ReadonlyRootfs: true, PidMode: "host", UTSMode: "host" },
    ...{ ExtraHosts: ["db.example:10.0.0.5"], Dns: ["10.0.0.53"], DnsOptions: ["ndots:1"], DnsSearch: ["example.org"] },
    ...{ CapAdd: ["CAP_NET_ADMIN"], CapDrop: ["CAP_MKNOD"], SecurityOpt: ["no-new-privileges"], GroupAdd: ["1234"] },
    ...(limits && {
      Memory: 1 << 27,
      MemorySwap: 1 << 28,
      MemoryReservation: 1 << 26,
      CpuShares: 512,
      CpusetCpus: "0",
    }),
    ...{ OomScoreAdj: 100 },
    ...{ Sysctls: { "net.core.somaxconn": "1024" }, Ulimits: NARROW },
    // A rootless Docker gives a device its name on the host.
    Devices: [
      {
        PathOnHost: "/dev/null",
        PathInContainer: rootless ? "/dev/null" : "/dev/nil",
        CgroupPermissions: "rw",
      },
    ],
    // A rootless Podman supports no devices.
    DeviceCgroupRules: rootless && kind === "podman" ? [] : ["c 42:* rmw"],
  },
});

/** Removes values that mean the same as an absent one. */
const asked = (value: unknown) =>
  !value || (typeof value === "object" && Object.keys(value).length === 0) ? null : value;

const byText = <T>(list: T[] | null) => list?.map((one) => JSON.stringify(one)).sort();

/** All settings of a container, without its name, what is derived from it, and the terminal's size. */
function made({ Image, Path, Args, Config, HostConfig, Mounts, NetworkSettings }: Inspected) {
  const { Hostname: _, Entrypoint: _entrypoint, Cmd: _cmd, Env, Labels, ...config } = Config;
  const {
    ConsoleSize: _size,
    RestartPolicy,
    Binds,
    Mounts: wanted,
    PidsLimit,
    Annotations,
    ...hostConfig
  } = HostConfig;
  // Podman has a limit of its own, which docker always asks it to lift; it keeps that as a note.
  const { "io.podman.annotations.pids-limit": _limit, ...notes } = Annotations ?? {};
  const pids = kind === "podman" && PidsLimit === 2048 ? null : asked(PidsLimit);
  const fields = (object: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, asked(value)]));
  const own = /^(test\.oneoff|dev\.oneoff\.(name|owner|container)$)/;
  return {
    ...{ image: Image, words: [Path, ...Args], config: fields(config), host: fields(hostConfig) },
    ...{ pids, notes },
    env: byText(Env.filter((pair: string) => !pair.startsWith("DYNO="))),
    labels: byText(Object.entries<string>(Labels).filter(([key]) => !own.test(key))),
    restart: RestartPolicy.Name || "no",
    binds: byText(Binds),
    mounts: [byText(wanted), byText(Mounts)],
    networks: Object.keys(NetworkSettings.Networks).sort(),
  };
}

/** The printed docker command for these arguments, including secret values. */
async function printed(mine: Oneoffs, words: readonly string[], options: ProcessOptions): Promise<string> {
  const { code, stdout, stderr } = await mine.runApp(["--print=docker", ...words], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^docker run \\\n/);
  const values: Env = { PATH: "/bin", FROM_IMAGE: "image", ...SECRETS, ...options.env };
  return stdout.replaceAll(/'(\w+)=\*\*\*'/g, (_, name: string) => quoteWord(`${name}=${values[name]}`));
}

const docker = (command: string, options: ProcessOptions) =>
  start(["bash", "-c", command], { ...options, timeout: 60_000, env: { PATH, DOCKER_HOST: host } });

/** The container as the engine reports it while it runs. */
async function seen(mine: Oneoffs, running: Promise<unknown>) {
  // It may have ended at once, with a reason.
  const oneoff = await Promise.race([
    mine.running(),
    running.then((end) => Promise.reject(new Error(JSON.stringify(end)))),
  ]);
  await removeByLabel(host, mine.label);
  await mine.gone();
  return made(oneoff);
}

test.for<[what: string, words: string[], options: ProcessOptions]>([
  ["with the settings of its container", [source.name], {}],
  ["with a stdin", [source.name], { stdin: "typed\n" }],
  [
    "with every option",
    [
      ...["--tty", "--user", "0", "--workdir", "/", "--entrypoint", "env -u HOME", "--no-init", "--name", `job-${id}`],
      ...["--env", "SECRET", "--env", "MORE=x y", "--label", "team=a b", "--label", "plain", "--network", back],
      ...["--memory", "64m", "--cpus", "0.25", "--pids-limit", "50", "--mount", "type=tmpfs,target=/data"],
      ...["--volume", "/etc/hostname:/host/name:ro", source.name],
    ],
    { env: { SECRET: "another", MORE: "x y" } },
  ],
])(
  "docker makes the same container from the printed command of a one-off %s",
  needs("docker's client"),
  async ([, words, options], context) => {
    needsClient(context);
    await using mine = suite.apart();
    const all = [...words, "sleep", "100"];
    const command = await printed(mine, all, options);
    const ours = await seen(mine, mine.runApp(all, options));
    expect(await seen(mine, docker(command, options).then(said))).toEqual(ours);
  },
);

test(
  "docker makes the same container from the printed command of a detached one-off with a TTY",
  needs("docker's client"),
  async (context) => {
    needsClient(context);
    await using mine = suite.apart();
    const all = ["--detach", "--tty", source.name, "sleep", "100"];
    const command = await printed(mine, all, {});
    const id = /^[0-9a-f]{64}\n$/;
    expect(await mine.runApp(all)).toMatchObject({ code: 0, stdout: expect.stringMatching(id) });
    const ours = await seen(mine, new Promise(() => {}));
    expect(await said(await docker(command, {}))).toMatchObject({ code: 0, stdout: expect.stringMatching(id) });
    expect(await seen(mine, new Promise(() => {}))).toEqual(ours);
  },
);

test(
  "the printed command has the same output, input and exit code under docker",
  needs("docker's client"),
  async (context) => {
    needsClient(context);
    await using mine = suite.apart();
    const script = `printf '<%s>' "$SECRET" "$LINES" "$EMPTY" "$FROM_IMAGE" "$@"; cat; exit 7`;
    const all = [source.name, "sh", "-c", script, "sh", "it's", "", "a  b", "$x", "\n", "\\", "*"];
    const options = { stdin: "typed\n" };
    const ours = await mine.runApp(all, options);
    const shown = [...Object.values(SECRETS), "image", "it's", "", "a  b", "$x", "\n", "\\", "*"].map(
      (one) => `<${one}>`,
    );
    expect(ours).toEqual({ code: 7, stdout: `${shown.join("")}typed\n`, stderr: "" });
    expect(await said(await docker(await printed(mine, all, options), options))).toEqual(ours);
  },
);
