import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, type TestContext, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { ended, type Inspected, type Oneoffs, oneoffSuite, said, see } from "../support/oneoff-suite.ts";
import { install, PATH } from "../support/packages.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const isPodman = inject("engine").name === "podman";
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
  const syscalls = [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }];
  await writeFile(join(folder, "deny.json"), JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }, null, 2));
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
    // Podman reports the ports that it has chosen.
    PortBindings: isPodman ? {} : (config.PortBindings ?? {}),
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
  // Docker's client sends the text of the profile, which Podman takes for a path.
  ...(isPodman ? [] : [["--security-opt", "seccomp=profile.json"]]),
  ["--security-opt", "systempaths=unconfined"],
  ["--shm-size", "12m"],
  ["--ulimit", "nofile=256:512", "--ulimit", "core=0"],
  ["--stop-signal", "INT"],
  ["--log-driver", "json-file", "--log-opt", "max-size=1m", "--log-opt", "max-file=2"],
  ["--log-driver", "none"],
  ["-p", "5931:80", "-p", "127.0.0.1:5932:81/udp", "-p", "5933:80"],
  ["-p", "5934-5936:90-92"],
  ...(isPodman ? [] : [["-p", "5937-5939:99"]]),
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
  ["--cap-add", "net_admin", "--cap-add", "CAP_SYS_PTRACE", "--cap-drop", "MKNOD"],
  ...(isPodman ? [] : [["--cap-add", "net_admin", "--cap-drop", "net_admin"]]),
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

/** Codes of docker's client, which has 1 for some messages of Podman. */
const REFUSED = { code: expect.toSatisfy((code) => [1, 125, 127].includes(code)), stdout: "" };

test.for([
  ...["-p=90-95:80-81", "-p=80/icmp", "-p=localhost:80:80", "-p=x=1"],
  ...["--add-host=db", "--add-host=db:10.0.0", "--dns=example.com", "--tmpfs=x"],
  ...["--device=dev", "--device=/dev/null:/dev/nil:rx", "--gpus=some", "--gpus=a=b"],
  ...["--security-opt=seccomp", "--security-opt=seccomp=none.json", "--security-opt=seccomp=not.json"],
  ...["--shm-size=much", "--ulimit=files=1", "--ulimit=nofile=2:1", "--ulimit=nofile"],
  ...["--ipc=shared", `--hostname=${"a".repeat(65)}`, "--platform=a/b/c/d"],
])("%s is refused without a request, and by docker run", needs("docker's client"), async (option, context) => {
  needsClient(context);
  await using mine = suite.apart();
  expect(await client(mine, "run", ["--rm", option, "busybox:local", "true"])).toMatchObject(REFUSED);
  const ours = await mine.run([option, "app", "true"], { cwd: folder, env: { DOCKER_HOST: "unix:///none" } });
  expect(ours).toMatchObject({ code: 125, stdout: "" });
  expect(ours.stderr).toMatch(
    /^oneoff: (?:Invalid (?:--|seccomp profile)|--security-opt "[^"]+none.json": no such file)/,
  );
});

test.for([
  ...["--stop-signal=FOO", "--cap-add=FOO", "--tmpfs=/x:foo=bar", "--log-driver=foo"],
  ...["--device=/dev/none", "--group-add=none", "--platform=foo/bar", "--ipc=container:none"],
  // Podman ignores these options of docker's client.
  ...(isPodman ? [] : ["--log-opt=foo=bar", "--gpus=all"]),
])("%s is refused by the engine, for docker run as well", needs("docker's client"), async (option, context) => {
  needsClient(context);
  await using mine = suite.apart();
  const theirs = await client(mine, "run", ["--rm", "--pull=never", option, "busybox:local", "true"]);
  expect(theirs).toMatchObject(REFUSED);
  await removeByLabel(host, mine.label);
  expect(await mine.run([option, "app", "true"])).toMatchObject({ code: 125, stdout: "" });
  await mine.gone();
});

test("--gpus is refused before a start if the engine has none", async () => {
  await using mine = suite.apart();
  const { code, stderr } = await mine.run(["--gpus", "all", "app", "true"]);
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/^oneoff: .*GPU.*\n {2}.+\n$/) });
  expect(await mine.containers()).toEqual([]);
});

test("an image of another platform is refused", async () => {
  const platform = process.arch === "arm64" ? "linux/amd64" : "linux/arm64";
  const { code, stdout, stderr } = await suite.run(["--platform", platform, "app", "true"]);
  expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
  expect(stderr).toMatch(
    /^oneoff: Image "busybox:local" not found locally for|^oneoff: Image "busybox:local" is not for/,
  );
  expect(stderr).toContain(`the platform "${platform}"`);
  expect(stderr).toMatch(new RegExp(`\n  oneoff run --platform ${platform} --pull .*…`));
});

test("a seccomp profile of this machine denies system calls", async () => {
  await using mine = suite.apart();
  const words = ["app", "sh", "-c", "mkdir /tmp/x && echo made"];
  expect(await mine.run(words)).toMatchObject({ code: 0, stdout: "made\n" });
  const denied = await mine.run(["--security-opt", "seccomp=deny.json", ...words], { cwd: folder });
  expect(denied).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("not permitted") });
});

describe("published ports", () => {
  const PORT = String(5942);

  test("are reported by the name of the one-off, and reach its command", async () => {
    await using mine = suite.apart();
    const run = await mine.run(["-d", "-p", `127.0.0.1:${PORT}:81/udp`, "-p", "127.0.0.1::80", "app", "sleep", "1000"]);
    const { Config, NetworkSettings } = await mine.running();
    const name = Config.Labels["dev.oneoff.name"];
    const [{ HostPort }] = NetworkSettings.Ports["80/tcp"];
    expect(run).toMatchObject({
      code: 0,
      stderr: `${name} publishes 80/tcp on 127.0.0.1:${HostPort}
${name} publishes 81/udp on 127.0.0.1:${PORT}
${name} is running in the background; follow it with: oneoff logs --follow ${name}
`,
    });
  });

  test("are reported at a terminal, before a session", async () => {
    await using mine = suite.apart();
    const pty = await mine.pty(["-p", "80", "app", "sh"]);
    await see(pty, /^run\.\d+ publishes 80\/tcp on [^\r\n]+:\d+\s+[\s\S]*\/ # /m);
    pty.write("exit 3\r");
    expect(await ended(pty)).toMatchObject({ code: 3 });
  });

  test("are reported for an attached one-off, unless --quiet", async () => {
    await using mine = suite.apart();
    const words = ["-p", "80", "app", "sh", "-c", "echo started; sleep 1"];
    const [loud, quiet] = await Promise.all([mine.run(words), mine.run(["--quiet", ...words])]);
    expect(loud).toMatchObject({ code: 0, stdout: "started\n" });
    expect(loud.stderr).toMatch(/^run\.\d+ publishes 80\/tcp on \S+:\d+(, \S+:\d+)*\n$/);
    expect(quiet).toEqual({ code: 0, stdout: "started\n", stderr: "" });
  });

  test.for([[], ["--detach"]])(
    "of another container are refused with its name, and nothing is left: %j",
    async (more) => {
      await using other = suite.apart();
      await using mine = suite.apart();
      await other.detached(["-p", `${PORT}:80`, "app", "sleep", "1000"]);
      const holder = (await other.running()).Name.slice(1);
      expect(await mine.run([...more, "-p", `${PORT}:8080`, "app", "true"])).toEqual({
        ...{ code: 125, stdout: "" },
        stderr: expect.stringMatching(
          `^oneoff: Cannot publish 8080/tcp on \\S+:${PORT}: ${holder} publishes it
  use another port of the host, or any free port: --publish 8080/tcp
$`,
        ),
      });
      expect(await mine.containers()).toEqual([]);
    },
  );

  test("of the app are published only with --service-ports", needs("docker's client"), async (context) => {
    needsClient(context);
    await using mine = suite.apart();
    const app = `ports-${process.pid}`;
    const { code } = await client(mine, "run", [
      "-d",
      "-p",
      `${PORT}:80`,
      "--name",
      app,
      "busybox:local",
      "sleep",
      "99",
    ]);
    expect(code).toBe(0);
    const portsOf = async (options: string[]) =>
      JSON.parse((await mine.runApp(["--print", ...options, app, "true"])).stdout).container.HostConfig.PortBindings;
    expect(await portsOf([])).toBeUndefined();
    expect(await portsOf(["--service-ports"])).toEqual({
      "80/tcp": [{ HostIp: isPodman ? "0.0.0.0" : "", HostPort: PORT }],
    });
    const taken = await mine.runApp(["--service-ports", app, "true"]);
    expect(taken).toMatchObject({ code: 125, stderr: expect.stringContaining(`${app} publishes it`) });
  });

  test(
    "are discarded on the network of the host, with the warning of docker run",
    needs("docker's client"),
    async (context) => {
      needsClient(context);
      await using mine = suite.apart();
      const options = ["--network", "host", "-p", "80:80"];
      const theirs = await client(mine, "run", ["--rm", ...options, "busybox:local", "true"]);
      const ours = await mine.run([...options, "app", "true"]);
      expect(ours).toEqual({ ...theirs, code: 0, stderr: theirs.stderr.replace(/^WARNING/, "oneoff: warning") });
    },
  );
});
