import { describe, expect, test } from "vitest";
import { splitWords } from "../../../../src/app/shell-words.ts";
import type { ContainerCreateBody, HostConfig } from "../../../../src/engine/types.ts";
import { copyContainer } from "../../../../src/oneoff/apps/copy.ts";
import { formatDockerCommand } from "../../../../src/oneoff/docker/docker-command.ts";
import { details } from "../../../support/deployed.ts";

type Spec = Parameters<typeof formatDockerCommand>[0];

const PLAIN: Omit<ContainerCreateBody, "HostConfig"> = {
  Image: "my-app:1",
  Cmd: ["rake", "db:migrate"],
  Env: [],
  Labels: {},
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  Healthcheck: { Test: ["NONE"] },
};
const HOST: HostConfig = { AutoRemove: true, Init: true, LogConfig: { Type: "none" } };

/** The command of a one-off with these fields. */
const command = (
  body: Partial<Omit<ContainerCreateBody, "HostConfig">> = {},
  host: Record<string, unknown> = {},
  spec: Partial<Spec> = {},
) =>
  formatDockerCommand({
    ...{
      app: "my-app",
      containerName: undefined,
      platform: undefined,

      detach: false,
      moreNetworks: [],
    },
    ...spec,
    body: () => ({ ...PLAIN, ...body, HostConfig: { ...HOST, ...host } }),
  });

/** Its lines in order, without the common ones and without continuation marks. */
const options = (...args: Parameters<typeof command>) => {
  const always = new Set(command().split("\n"));
  return command(...args)
    .split("\n")
    .filter((line) => !always.has(line))
    .map((line) => line.replace(/^ {2}(.*) \\$/, "$1"));
};

describe("the docker command", () => {
  test("formats a one-off without options", () =>
    expect(command()).toBe(`docker run \\
  --name my-app.run.N \\
  --rm \\
  --init \\
  --log-driver none \\
  --no-healthcheck \\
  my-app:1 rake db:migrate`));

  test("formats a one-off with all options", () =>
    expect(
      command(
        {
          Image: "sha256:0f3c",
          Cmd: ["sh", "-c", 'cd reports && ./run "$@"', "sh", "it's", ""],
          Entrypoint: ["tini", "-g", "--"],
          Env: ["RAILS_ENV=production", "TOKEN=secret", "EMPTY=", "DYNO=run.N"],
          Labels: { "dev.oneoff.app": "shop/web", team: "a=b", plain: "" },
          User: "1000:1000",
          WorkingDir: "/srv/my app",
          Tty: true,
          OpenStdin: true,
          StdinOnce: true,
          AttachStdin: true,
        },
        {
          ...{ ConsoleSize: [24, 80], NetworkMode: "front", Binds: ["/srv/a b:/data:ro", "/lone"] },
          ...{ Mounts: [{ Type: "tmpfs", Target: "/tmp", ReadOnly: true }], ReadonlyRootfs: true },
          ...{ Memory: 536_870_912, NanoCpus: 1_500_000_000, PidsLimit: 100 },
        },
        {
          app: "shop/web",
          moreNetworks: [
            { network: "back", links: [] },
            { network: "other", links: [] },
          ],
        },
      ),
    ).toBe(`docker run \\
  --name shop-web.run.N \\
  --interactive \\
  --tty \\
  --rm \\
  --init \\
  --log-driver none \\
  --network front \\
  --volume '/srv/a b:/data:ro' \\
  --volume /lone \\
  --mount type=tmpfs,target=/tmp,readonly \\
  --read-only \\
  --memory 536870912 \\
  --cpus 1.5 \\
  --pids-limit 100 \\
  --network back \\
  --network other \\
  --user 1000:1000 \\
  --workdir '/srv/my app' \\
  --env 'RAILS_ENV=***' \\
  --env 'TOKEN=***' \\
  --env 'EMPTY=***' \\
  --env DYNO=run.N \\
  --label dev.oneoff.app=shop/web \\
  --label team=a=b \\
  --label plain= \\
  --no-healthcheck \\
  --entrypoint tini \\
  sha256:0f3c -g -- sh -c 'cd reports && ./run "$@"' sh "it's" ''`));

  test("formats a detached one-off with a name", () =>
    expect(
      command(
        {},
        { AutoRemove: false, Init: false, LogConfig: { Type: "json-file", Config: { "max-size": "5m", tag: "a b" } } },
        { detach: true, containerName: "job" },
      ),
    ).toBe(`docker run \\
  --name job \\
  --detach \\
  --init=false \\
  --log-driver json-file \\
  --log-opt max-size=5m \\
  --log-opt 'tag=a b' \\
  --no-healthcheck \\
  my-app:1 rake db:migrate`));
});

test("can be split into the same words by a shell", () => {
  const Cmd = ["a b", "", "$HOME", "'", "\\", "-x", "A=b"];
  const text = command({ Cmd, Env: ["A=1"] }).replaceAll(" \\\n", " ");
  expect(splitWords(text)?.slice(-Cmd.length)).toEqual(Cmd);
  expect(splitWords(text)?.slice(0, 4)).toEqual(["docker", "run", "--name", "my-app.run.N"]);
});

test("formats a removed entrypoint as an empty word", () =>
  expect(options({ Entrypoint: [""] })).toEqual(["--entrypoint ''"]));

describe("values of variables", () => {
  test("leaves out values with line feeds and empty ones", () =>
    expect(options({ Env: ["KEY=-----BEGIN\nhunter2=\n", "NAME WITH BLANKS=hunter2", "E="] })).toEqual([
      "--env 'KEY=***'",
      "--env 'NAME WITH BLANKS=***'",
      "--env 'E=***'",
    ]));

  test("leaves out a DYNO that the user set", () =>
    expect(options({ Env: ["DYNO=hunter2"] })).toEqual(["--env 'DYNO=***'"]));
});

test("leaves the owner empty, so that reaping keeps the container", () =>
  expect(options({ Labels: { "dev.oneoff.owner": "host:1", "dev.oneoff.kind": "run" } })).toEqual([
    "--label dev.oneoff.owner=",
    "--label dev.oneoff.kind=run",
  ]));

/** Fields of a copied container, and docker's options for them. */
const FIELDS: [key: keyof HostConfig, value: unknown, lines: string[]][] = [
  ["NetworkMode", "container:4f3e", ["--network container:4f3e"]],
  ["Links", ["db:alias", "db"], ["--link db:alias", "--link db"]],
  [
    "PortBindings",
    {
      "80/tcp": [
        { HostIp: "", HostPort: "8080" },
        { HostIp: "::1", HostPort: "" },
      ],
      "53/udp": [{ HostIp: "", HostPort: "" }],
    },
    ["--publish 8080:80/tcp", "--publish '[::1]::80/tcp'", "--publish 53/udp"],
  ],
  ["Binds", ["data:/data:z", "/a,b:/c d:ro"], ["--volume data:/data:z", "--volume '/a,b:/c d:ro'"]],
  ["Mounts", [{ Type: "volume", Source: "v", Target: "/v" }], ["--mount type=volume,source=v,target=/v"]],
  ["Tmpfs", { "/run": "size=1m,mode=1777", "/x": "" }, ["--tmpfs /run:size=1m,mode=1777", "--tmpfs /x"]],
  ["ShmSize", 67_108_864, ["--shm-size 67108864"]],
  ["ReadonlyRootfs", true, ["--read-only"]],
  ["Dns", ["10.0.0.53", "::1"], ["--dns 10.0.0.53", "--dns ::1"]],
  ["DnsOptions", ["ndots:1"], ["--dns-option ndots:1"]],
  ["DnsSearch", ["example.org", "."], ["--dns-search example.org", "--dns-search ."]],
  ["ExtraHosts", ["db:10.0.0.5", "h:host-gateway"], ["--add-host db:10.0.0.5", "--add-host h:host-gateway"]],
  ["CapAdd", ["CAP_NET_ADMIN"], ["--cap-add CAP_NET_ADMIN"]],
  ["CapDrop", ["ALL"], ["--cap-drop ALL"]],
  [
    "SecurityOpt",
    ["no-new-privileges", "seccomp=unconfined", "label=type:x"],
    ["--security-opt no-new-privileges", "--security-opt seccomp=unconfined", "--security-opt label=type:x"],
  ],
  ["Privileged", true, ["--privileged"]],
  ["GroupAdd", ["audio", "1234"], ["--group-add audio", "--group-add 1234"]],
  ["UsernsMode", "host", ["--userns host"]],
  [
    "Devices",
    [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/x", CgroupPermissions: "rw" }],
    ["--device /dev/fuse:/dev/x:rw"],
  ],
  [
    "DeviceRequests",
    [{ Driver: "nvidia", Count: -1, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} }],
    ["--gpus driver=nvidia,count=all"],
  ],
  ["DeviceCgroupRules", ["c 42:* rmw"], ["--device-cgroup-rule 'c 42:* rmw'"]],
  ["Sysctls", { "net.core.somaxconn": "1024" }, ["--sysctl net.core.somaxconn=1024"]],
  [
    "Ulimits",
    [
      { Name: "nofile", Hard: 512, Soft: 256 },
      { Name: "core", Hard: -1, Soft: -1 },
    ],
    ["--ulimit nofile=256:512", "--ulimit core=-1:-1"],
  ],
  ["Runtime", "runc", ["--runtime runc"]],
  ["PidMode", "container:4f3e", ["--pid container:4f3e"]],
  ["IpcMode", "host", ["--ipc host"]],
  ["UTSMode", "host", ["--uts host"]],
  ["CgroupnsMode", "host", ["--cgroupns host"]],
  ["Memory", 1, ["--memory 1"]],
  ["MemorySwap", -1, ["--memory-swap -1"]],
  ["MemoryReservation", 1, ["--memory-reservation 1"]],
  ["MemorySwappiness", 0, ["--memory-swappiness 0"]],
  ["OomKillDisable", true, ["--oom-kill-disable"]],
  ["OomScoreAdj", -500, ["--oom-score-adj -500"]],
  ["KernelMemory", 1, ["--kernel-memory 1"]],
  ["KernelMemoryTCP", 1, ["# docker run has no option for the kernel memory limit of TCP."]],
  ["NanoCpus", 5e8, ["--cpus 0.5"]],
  ["CpuShares", 512, ["--cpu-shares 512"]],
  ["CpuPeriod", 1000, ["--cpu-period 1000"]],
  ["CpuQuota", 500, ["--cpu-quota 500"]],
  ["CpuRealtimePeriod", 1, ["--cpu-rt-period 1"]],
  ["CpuRealtimeRuntime", 1, ["--cpu-rt-runtime 1"]],
  ["CpusetCpus", "0-1", ["--cpuset-cpus 0-1"]],
  ["CpusetMems", "0", ["--cpuset-mems 0"]],
  ["PidsLimit", 10, ["--pids-limit 10"]],
  ["BlkioWeight", 300, ["--blkio-weight 300"]],
  ["BlkioWeightDevice", [{ Path: "/dev/sda", Weight: 300 }], ["--blkio-weight-device /dev/sda:300"]],
  ["BlkioDeviceReadBps", [{ Path: "/dev/sda", Rate: 1 }], ["--device-read-bps /dev/sda:1"]],
  ["BlkioDeviceWriteBps", [{ Path: "/dev/sda", Rate: 1 }], ["--device-write-bps /dev/sda:1"]],
  ["BlkioDeviceReadIOps", [{ Path: "/dev/sda", Rate: 1 }], ["--device-read-iops /dev/sda:1"]],
  ["BlkioDeviceWriteIOps", [{ Path: "/dev/sda", Rate: 1 }], ["--device-write-iops /dev/sda:1"]],
  ["CgroupParent", "/apps", ["--cgroup-parent /apps"]],
  ["StorageOpt", { size: "10G" }, ["--storage-opt size=10G"]],
  ["MaskedPaths", [], ["--security-opt systempaths=unconfined"]],
  ["ReadonlyPaths", [], []],
  ["Annotations", { a: "b" }, ["--annotation a=b"]],
];

describe("fields of a copied container", () => {
  test.each(FIELDS)("formats the field %s: %j", (key, value, lines) =>
    expect(options({}, { [key]: value })).toEqual(lines),
  );

  test("knows every field that is copied", () => {
    const asked = new Set<string>();
    const get = (_: object, key: string) => void asked.add(key);
    copyContainer({ ...details(), HostConfig: new Proxy({}, { get }) as HostConfig });
    expect([...asked].sort()).toEqual(FIELDS.map(([key]) => key).sort());
  });

  test("formats empty fields as nothing", () =>
    expect(options({}, { Binds: null, Mounts: [], Tmpfs: {}, Dns: [], ReadonlyRootfs: false })).toEqual([]));
});

test("formats CPUs as a number with a fraction", () =>
  expect([1_234_567_891, 250_000_000, 10_000_000].flatMap((NanoCpus) => options({}, { NanoCpus }))).toEqual([
    "--cpus 1.234567891",
    "--cpus 0.25",
    "--cpus 0.01",
  ]));

describe("device requests", () => {
  const requested = (request: object) => options({}, { DeviceRequests: [request] });

  test("formats GPUs as --gpus", () => {
    expect(requested({ Driver: "", Count: 2, Capabilities: [["gpu"]] })).toEqual(["--gpus count=2"]);
    expect(
      requested({
        ...{ Driver: "nvidia", Count: 0, DeviceIDs: ["0", "GPU-3a"], Capabilities: [["gpu", "compute", "utility"]] },
        Options: { a: "b", c: 'd,"e' },
      }),
    ).toEqual([`--gpus 'driver=nvidia,"device=0,GPU-3a","capabilities=compute,utility","options=a=b,""c=d,""""e"""'`]);
  });

  test("formats CDI devices as --device", () =>
    expect(requested({ Driver: "cdi", Count: 0, DeviceIDs: ["vendor.com/gpu=0", "vendor.com/gpu=1"] })).toEqual([
      "--device vendor.com/gpu=0",
      "--device vendor.com/gpu=1",
    ]));
});

describe("control characters", () => {
  const HOSTILE = "x\n\r\x1b]0;t\x07\x1b[2J\x9b\u202e\u2028'y";
  const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/;

  test.each<[what: string, text: string]>([
    ["arguments", command({ Cmd: [HOSTILE] })],
    ["labels", command({ Labels: { [HOSTILE]: HOSTILE } })],
    ["names of variables", command({ Env: [`${HOSTILE}=secret`] })],
    ["an image, a user and a folder", command({ Image: HOSTILE, User: HOSTILE, WorkingDir: HOSTILE })],
    ["an entrypoint", command({ Entrypoint: [HOSTILE, HOSTILE] })],
    ["mounts", command({}, { Binds: [HOSTILE], Mounts: [{ Type: "bind", Source: HOSTILE, Target: HOSTILE }] })],
    ["links in a comment", command({}, {}, { moreNetworks: [{ network: HOSTILE, links: [HOSTILE] }] })],
  ])("escapes control characters in %s", (_what, text) => {
    expect(text).not.toMatch(CONTROLS);
    for (const line of text.split("\n")) expect(line).toMatch(/^(docker run | {2}|# docker run has no option for )/);
  });
});

describe("settings without an option of docker", () => {
  test.each<[what: string, host: Record<string, unknown>, note: string]>([
    ["an inline profile", { SecurityOpt: ['seccomp={"a":\n1}'] }, "a custom seccomp profile"],
    ["other devices", { DeviceRequests: [{ Driver: "x", Capabilities: [["tpu"]] }] }, "devices of a device driver"],
    ["devices with a choice", { DeviceRequests: [{ Capabilities: [["gpu"], ["tpu"]] }] }, "devices of a device driver"],
    ["devices that can do nothing", { DeviceRequests: [{ Capabilities: null }] }, "devices of a device driver"],
  ])("notes %s in a comment", (_what, host, note) =>
    expect(command({}, host)).toBe(`# docker run has no option for ${note}.\n${command()}`),
  );
});

test("masks secrets in options of drivers", () =>
  expect(
    options(
      {},
      {
        LogConfig: { Type: "splunk", Config: { "splunk-token": "hunter2", "splunk-url": "https://u:hunter2@h" } },
        Mounts: [
          {
            ...{ Type: "volume", Source: "v", Target: "/v" },
            VolumeOptions: { DriverConfig: { Name: "local", Options: { o: "username=joe,password=hunter2" } } },
          },
        ],
      },
    ),
  ).toEqual([
    "--log-driver splunk",
    "--log-opt 'splunk-token=***'",
    "--log-opt 'splunk-url=https://u:***@h'",
    `--mount 'type=volume,source=v,target=/v,volume-driver=local,"volume-opt=o=username=joe,password=***"'`,
  ]));
