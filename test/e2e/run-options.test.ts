import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, type TestContext, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { type Inspected, type Oneoffs, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { install, PATH } from "../support/packages.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const folder = await mkdtemp(join(tmpdir(), "oneoff-run-options-"));

/** Why there is no docker client, where it cannot be installed. */
const noClient = await install("docker").then(
  () => undefined,
  (error: Error) => error.message,
);
const needsClient = (context: TestContext) => context.skip(noClient !== undefined, noClient);

beforeAll(async () => {
  await writeFile(join(folder, "profile.json"), '{\n  "defaultAction": "SCMP_ACT_ALLOW",\n  "syscalls": [ ]\n}\n');
  await writeFile(join(folder, "not.json"), "{");
});
afterAll(() => rm(folder, { recursive: true }));

const client = async (mine: Oneoffs, command: "run" | "create", words: readonly string[]) =>
  said(
    await start(["docker", command, "--label", mine.label, ...words], {
      ...{ timeout: 60_000, cwd: folder },
      env: { PATH, DOCKER_HOST: host },
    }),
  );

/** The part of a container that the options decide. */
function settingsOf({ Config, HostConfig: config, NetworkSettings }: Inspected, words: readonly string[]) {
  const { ExtraHosts, CapAdd, CapDrop, Devices, DeviceRequests, Dns, IpcMode, Privileged, ReadonlyRootfs } = config;
  const { SecurityOpt, ShmSize, Tmpfs, Ulimits, GroupAdd, LogConfig, MaskedPaths, ReadonlyPaths } = config;
  const { Hostname, ExposedPorts, StopSignal } = Config;
  const has = (option: string) => words.some((word) => word.startsWith(option));
  const byText = (list: unknown[] | null) => (list ?? []).map((one) => JSON.stringify(one)).sort();
  return {
    ...{
      Devices: Devices ?? [],
      DeviceRequests,
      IpcMode,
      Privileged,
      ReadonlyRootfs,
      ShmSize,
      MaskedPaths,
      ReadonlyPaths,
    },
    lists: [ExtraHosts, CapAdd, CapDrop, Dns, SecurityOpt, Ulimits, GroupAdd].map(byText),
    ...{ Tmpfs: Tmpfs ?? {}, ExposedPorts: ExposedPorts ?? {}, StopSignal },
    // Without the option each container has a name of its own, and a log that suits it.
    Hostname: has("--hostname") ? Hostname : "",
    LogConfig: has("--log") ? LogConfig : {},
    PortBindings: config.PortBindings ?? {},
    Ports: Object.fromEntries(
      Object.entries<Inspected[] | null>(NetworkSettings.Ports).map(([port, all]) => [port, all?.map(published)]),
    ),
  };
}

/** A port that the engine chooses is not the same twice. */
const published = ({ HostIp, HostPort }: Inspected) =>
  `${HostIp} ${Number(HostPort) >= 32_768 ? "free" : /^593[789]$/.test(HostPort) ? "5937-5939" : HostPort}`;

async function seen(mine: Oneoffs, made: { code: number | null; stderr: string }, words: readonly string[]) {
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const settings = settingsOf(await mine.running(), words);
  await removeByLabel(host, mine.label);
  await mine.gone();
  return settings;
}

test.for<string[]>([
  ["--add-host", "db.local:10.0.0.5", "--add-host", "six=[::1]", "--add-host", "gate:host-gateway"],
  ["--cap-drop", "all", "--cap-drop", "CHOWN", "--cap-add", "NET_RAW"],
  ["--device", "/dev/null:/dev/nil", "--device", "/dev/zero:r", "--device", "/dev/full:/dev/voll:rw"],
  ["--dns", "10.0.0.53", "--dns", "10.0.0.54"],
  ["--group-add", "1234", "--group-add", "root"],
  ["--hostname", "worker-1.example.com"],
  ["--ipc", "host"],
  ["--ipc", "shareable"],
  ["--read-only", "--tmpfs", "/scratch:size=1m,mode=1770", "--tmpfs", "/run"],
  ["--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined"],
  ["--security-opt", "seccomp=profile.json"],
  ["--security-opt", "systempaths=unconfined"],
  ["--shm-size", "12m"],
  ["--ulimit", "nofile=256:512", "--ulimit", "core=0"],
  ["--stop-signal", "INT"],
  ["--log-driver", "json-file", "--log-opt", "max-size=1m", "--log-opt", "max-file=2"],
  ["--log-driver", "none"],
  ["-p", "5931:80", "-p", "127.0.0.1:5932:81/udp", "-p", "5933:80"],
  ["-p", "5934-5936:90-92", "-p", "5937-5939:99"],
  ["-p", "published=5941,target=80"],
  ["-p=80", "-p=127.0.0.1::81"],
])("%j makes the same container as docker run", needs("docker's client"), async (options, context) => {
  needsClient(context);
  await using mine = suite.apart();
  const theirs = await seen(
    mine,
    await client(mine, "run", ["-d", ...options, "busybox:local", "sleep", "1000"]),
    options,
  );
  const ours = await mine.run(["--detach", ...options, "app", "sleep", "1000"], { cwd: folder });
  expect(await seen(mine, ours, options)).toEqual(theirs);
});

/** What not every machine for tests can start. */
test.for<string[]>([
  ["--cap-add", "net_admin", "--cap-add", "CAP_SYS_PTRACE", "--cap-drop", "MKNOD", "--cap-drop", "net_admin"],
  ["--privileged"],
  ["--gpus", "all"],
  ["--gpus", '"device=0,1",driver=nvidia,"capabilities=compute,utility"'],
  ["--gpus", "2,options=a=b"],
  ["--device", "vendor.com/net=eth0", "--device", "/dev/null:/dev/nil:r"],
])("%j are in the same create request as of docker run", needs("docker's client"), async (options, context) => {
  needsClient(context);
  await using mine = suite.apart();
  const created = async (id: string) => settingsOf((await engine.get(`/containers/${id}/json`)).body, options);
  const { stdout, stderr } = await client(mine, "create", [...options, "busybox:local", "sleep", "1000"]);
  expect(stderr).toBe("");
  const theirs = await created(stdout.trim());
  const printed = await mine.run(["--print", ...options, "app", "sleep", "1000"], { cwd: folder });
  expect(printed).toMatchObject({ code: 0, stderr: "" });
  const { status, body } = await engine.post("/containers/create", JSON.parse(printed.stdout).container);
  expect({ status, body }).toMatchObject({ status: 201 });
  expect(await created(body.Id)).toEqual(theirs);
});
