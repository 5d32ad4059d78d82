import { describe, expect, test } from "vitest";
import { quirksOf } from "../../../../src/engine/quirks.ts";
import { copyContainer } from "../../../../src/oneoff/apps/copy.ts";
import { details, image } from "../../../support/deployed.ts";

/** Inspect of a container that was created with only an image and a name. */
const BARE = {
  ...{ Binds: null, ContainerIDFile: "", NetworkMode: "bridge", PortBindings: {}, VolumeDriver: "", VolumesFrom: null },
  ...{ RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, AutoRemove: false, ConsoleSize: [0, 0], CapAdd: null },
  ...{ CapDrop: null, CgroupnsMode: "private", Dns: [], DnsOptions: [], DnsSearch: [], ExtraHosts: null, Links: null },
  ...{
    GroupAdd: null,
    IpcMode: "private",
    Cgroup: "",
    OomScoreAdj: 0,
    PidMode: "",
    Privileged: false,
    Runtime: "runc",
  },
  ...{ PublishAllPorts: false, ReadonlyRootfs: false, SecurityOpt: null, UTSMode: "", UsernsMode: "", Memory: 0 },
  ...{ ShmSize: 67_108_864, Isolation: "", CpuShares: 0, NanoCpus: 0, CgroupParent: "", Devices: [], PidsLimit: null },
  ...{ DeviceCgroupRules: null, DeviceRequests: null, MemorySwap: 0, OomKillDisable: null, Ulimits: [], Sysctls: null },
};
type Rest = Parameters<typeof details>[2];
const copied = (
  config: Record<string, unknown> = {},
  host: Record<string, unknown> = {},
  rest: Rest = {},
  ofImage: Parameters<typeof copyContainer>[1] = image(),
) => copyContainer(details(config, { ...BARE, ...host }, rest), ofImage);

test("copies only image and network of a container with default settings", () =>
  expect(copied()).toEqual({
    source: "id",
    sourceName: "name",
    image: "sha256:image",
    env: [],
    user: "",
    workingDir: "",
    entrypoint: null,
    hostConfig: { Runtime: "runc", ShmSize: 67_108_864, Mounts: [] },
    networks: ["bridge"],
  }));

test.each([
  ["Libpod/5.8.6 (linux)", "container:first", false],
  ["Libpod/5.8.6 (linux)", "host", false],
  ["Libpod/5.8.6 (linux)", "private", undefined],
  ["Docker/28.5.2 (linux)", "container:first", undefined],
])("sets init for %s and the PID namespace %s to %s", (server, PidMode, init) =>
  expect(copyContainer(details({}, { ...BARE, PidMode }), image(), quirksOf(server)).init).toBe(init),
);

test("copies devices with full access if inspect omits the access", () => {
  const Devices = [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "" }];
  const { hostConfig } = copyContainer(details({}, { ...BARE, Devices }), image(), quirksOf("Libpod/5.8.6 (linux)"));
  expect(hostConfig.Devices).toEqual([{ ...Devices[0], CgroupPermissions: "rwm" }]);
});

describe("unchanged fields", () => {
  test.each<[key: string, value: unknown]>([
    ["Binds", ["/srv/a:/a:ro,rslave", "data:/data:z", "/var/run/docker.sock:/var/run/docker.sock"]],
    ["Tmpfs", { "/run": "size=1m,mode=1777" }],
    ["ShmSize", 1 << 30],
    ["ReadonlyRootfs", true],
    ["Dns", ["10.0.0.53"]],
    ["DnsOptions", ["ndots:1"]],
    ["DnsSearch", ["example.org"]],
    ["ExtraHosts", ["db:10.0.0.5", "host.docker.internal:host-gateway"]],
    ["CapAdd", ["CAP_NET_ADMIN"]],
    ["CapDrop", ["ALL"]],
    ["SecurityOpt", ["no-new-privileges", "seccomp=unconfined"]],
    ["Privileged", true],
    ["GroupAdd", ["audio", "1234"]],
    ["UsernsMode", "host"],
    ["Devices", [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" }]],
    ["DeviceRequests", [{ Driver: "nvidia", Count: -1, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} }]],
    ["DeviceCgroupRules", ["c 42:* rmw"]],
    ["Sysctls", { "net.core.somaxconn": "1024" }],
    ["Ulimits", [{ Name: "nofile", Hard: 4096, Soft: 1024 }]],
    ["Runtime", "nvidia"],
    ["PidMode", "host"],
    ["PidMode", "container:4f3e"],
    ["IpcMode", "host"],
    ["IpcMode", "container:4f3e"],
    ["UTSMode", "host"],
    ["CgroupnsMode", "host"],
    ["Memory", 1 << 29],
    ["MemorySwap", 1 << 30],
    ["MemorySwap", -1],
    ["MemoryReservation", 1 << 28],
    ["MemorySwappiness", 0],
    ["OomKillDisable", true],
    ["OomScoreAdj", -500],
    ["KernelMemory", 1 << 26],
    ["NanoCpus", 5e8],
    ["CpuShares", 512],
    ["CpuPeriod", 50_000],
    ["CpuQuota", 25_000],
    ["CpusetCpus", "0-1"],
    ["CpusetMems", "0"],
    ["PidsLimit", 10],
    ["PidsLimit", -1],
    ["BlkioWeight", 300],
    ["BlkioWeightDevice", [{ Path: "/dev/sda", Weight: 300 }]],
    ["BlkioDeviceReadBps", [{ Path: "/dev/sda", Rate: 1_000_000 }]],
    ["CgroupParent", "/apps"],
    ["StorageOpt", { size: "10G" }],
    ["MaskedPaths", []],
    ["ReadonlyPaths", []],
    ["Annotations", { "org.example.a": "b" }],
  ])("copies unchanged %s: %j", (key, value) =>
    expect(copied({}, { [key]: value }).hostConfig).toMatchObject({ [key]: value }),
  );
});

test("copies stop signal and timeout, unless the image sets the signal", () => {
  const config = { StopSignal: "SIGQUIT", StopTimeout: 60 };
  expect(copied(config)).toMatchObject({ stopSignal: "SIGQUIT", stopTimeout: 60 });
  const { stopSignal, stopTimeout } = copied(config, {}, {}, image({ StopSignal: "SIGQUIT" }));
  expect([stopSignal, stopTimeout]).toEqual([undefined, 60]);
});

test("omits CPU quota and period that Podman derives from CPUs", () =>
  expect(copied({}, { NanoCpus: 5e8, CpuPeriod: 100_000, CpuQuota: 50_000 }).hostConfig).toEqual({
    ...copied().hostConfig,
    NanoCpus: 5e8,
  }));

test("omits the engine's default masked paths", () =>
  expect(copied({}, { MaskedPaths: ["/proc/kcore"], ReadonlyPaths: ["/proc/sys"] })).toEqual(copied()));

test("omits Podman's defaults", () => {
  const podman = quirksOf("Libpod/5.8.6 (linux)");
  const Annotations = { "io.container.manager": "libpod", "org.systemd.property.KillSignal": "15", own: "1" };
  const { hostConfig } = copyContainer(
    details({}, { ...BARE, PidsLimit: 2048, MemorySwappiness: -1, Annotations }),
    image(),
    podman,
  );
  expect(hostConfig).toEqual({ ...copied().hostConfig, Annotations: { own: "1" } });
});

describe("fields that are not copied", () => {
  const bare = copied();
  test.each<[what: string, config: Record<string, unknown>, host: Record<string, unknown>]>([
    ["all ports", {}, { PublishAllPorts: true }],
    ["the restart policy", {}, { RestartPolicy: { Name: "always", MaximumRetryCount: 3 } }],
    ["the host name", { Hostname: "web-1", Domainname: "example.org" }, {}],
    ["the log driver", {}, { LogConfig: { Type: "syslog", Config: { "syslog-address": "udp://x" } } }],
    ["the health check", { Healthcheck: { Test: ["CMD", "curl", "localhost"] } }, {}],
    ["the command", { Cmd: ["puma"], Tty: true, OpenStdin: true }, {}],
    ["a label", { Labels: { "com.docker.compose.service": "web", "traefik.enable": "true" } }, {}],
    ["its own removal", {}, { AutoRemove: true }],
    ["the containers whose volumes it uses", {}, { VolumesFrom: ["data"] }],
    ["private and shareable namespaces", {}, { IpcMode: "shareable", CgroupnsMode: "private" }],
  ])("does not copy %s", (_what, config, host) => expect(copied(config, host)).toEqual(bare));

  test("keeps ports apart, for --service-ports", () => {
    const ports = { "80/tcp": [{ HostIp: "", HostPort: "80" }] };
    expect(copied({ ExposedPorts: { "80/tcp": {} } }, { PortBindings: ports })).toEqual({ ...bare, ports });
  });

  test("reports the name of the container, without copying it", () =>
    expect(copied({}, {}, { Name: "/shop-web-1" })).toEqual({ ...bare, sourceName: "shop-web-1" }));

  test("does not copy aliases and static addresses", () => {
    const endpoint = {
      ...{ Aliases: ["web", "www"], DNSNames: ["web"], MacAddress: "02:42:ac:11:00:02", IPAddress: "10.0.0.5" },
      ...{ IPAMConfig: { IPv4Address: "10.0.0.5" }, Links: null, DriverOpts: { a: "b" } },
    };
    const rest = { NetworkSettings: { Networks: { front: endpoint } } };
    expect(copied({}, { NetworkMode: "front" }, rest)).toEqual({ ...copied(), networks: ["front"] });
  });
});

describe("variables", () => {
  test("omits variables of the image, and copies changed and added ones in order", () =>
    expect(
      copied({ Env: ["PATH=/bin", "B=2", "A=1", "LANG=de"] }, {}, {}, image({ Env: ["PATH=/bin", "LANG=C"] })).env,
    ).toEqual(["B=2", "A=1", "LANG=de"]));

  test.each<[string, Parameters<typeof copyContainer>[1]]>([
    ["whose image was removed", undefined],
    ["whose image has none", image({ Env: null })],
    ["whose image has no config", { Id: "sha256:image", Created: "" }],
  ])("copies all variables of a container %s", (_what, ofImage) =>
    expect(copyContainer(details({ Env: ["PATH=/bin", "A=1"] }, BARE), ofImage).env).toEqual(["PATH=/bin", "A=1"]),
  );

  test("copies no variables if inspect has none", () => expect(copied({ Env: null }).env).toEqual([]));
});

describe("the entrypoint", () => {
  const entry = ["/entry.sh", "-x"];
  test.each<[what: string, container: string[] | null, ofImage: string[] | null | undefined, copied: string[] | null]>([
    ["omits the image's", entry, entry, null],
    ["null without any", null, null, null],
    ["null without a config of the image", null, undefined, null],
    ["copies the container's", ["/mine"], entry, ["/mine"]],
    ["copies the container's if the image has none", ["/mine"], null, ["/mine"]],
  ])("copies the entrypoint: %s", (_what, container, ofImage, expected) =>
    expect(
      copied({ Entrypoint: container }, {}, {}, image(ofImage === undefined ? {} : { Entrypoint: ofImage })).entrypoint,
    ).toEqual(expected),
  );

  // `docker run --entrypoint ""`, `entrypoint: []`: inspect has null, and the create request needs [""].
  test.each([null, []])("clears an entrypoint that the container has cleared (%s)", (Entrypoint) =>
    expect(copied({ Entrypoint }, {}, {}, image({ Entrypoint: entry })).entrypoint).toEqual([""]),
  );
});

describe("user and working folder", () => {
  const places = (config: Record<string, unknown>, ofImage?: Parameters<typeof copyContainer>[1]) => {
    const { user, workingDir } = copyContainer(details(config, BARE), ofImage);
    return { user, workingDir };
  };
  const mine = { User: "1000:1000", WorkingDir: "/srv" };

  test("copies user and working directory if the same image is run", () =>
    expect(places(mine)).toEqual({ user: "1000:1000", workingDir: "/srv" }));

  test("omits user and working directory of the image for another image", () =>
    expect(places(mine, image(mine))).toEqual({ user: "", workingDir: "" }));

  test("copies user and working directory that differ from the image", () =>
    expect(places(mine, image({ User: "app", WorkingDir: "/app" }))).toEqual({
      user: "1000:1000",
      workingDir: "/srv",
    }));

  test("copies no user and working directory if both are unset", () =>
    expect(places({}, image({ User: "", WorkingDir: "" }))).toEqual({ user: "", workingDir: "" }));
});

describe("a copy with the same image", () => {
  const own = (config: Record<string, unknown>) => copyContainer(details(config, BARE));

  test("copies all variables for the same image", () =>
    expect(own({ Env: ["PATH=/bin", "A=1"] }).env).toEqual(["PATH=/bin", "A=1"]));

  test("copies the entrypoint for the same image, also of the image", () =>
    expect(own({ Entrypoint: ["/entry.sh", "-x"] }).entrypoint).toEqual(["/entry.sh", "-x"]));

  // The image is not inspected, so the entrypoint is cleared in any case.
  test.each([null, []])("clears a missing entrypoint (%s) for the same image", (Entrypoint) =>
    expect(own({ Entrypoint }).entrypoint).toEqual([""]),
  );
});

describe("mounts", () => {
  const point = (Type: string, Destination: string, more: object = {}) =>
    ({ Type, Destination, Source: `/var/lib/docker/volumes/${Destination}`, RW: true, ...more }) as never;
  const mounts = (host: Record<string, unknown>, ...Mounts: never[]) => copied({}, host, { Mounts }).hostConfig;

  test("does not duplicate mounts in Binds", () =>
    expect(
      mounts(
        { Binds: ["/srv:/a:ro", "data:/data"] },
        point("bind", "/a", { Source: "/srv", RW: false }),
        point("volume", "/data", { Name: "data" }),
      ),
    ).toMatchObject({ Binds: ["/srv:/a:ro", "data:/data"], Mounts: [] }));

  test("does not duplicate mounts in Binds with another spelling of the path", () =>
    expect(
      mounts(
        { Binds: ["/srv:/a/", "data:/b/../data"] },
        point("bind", "/a", { Source: "/srv" }),
        point("volume", "/data", { Name: "data" }),
      ).Mounts,
    ).toEqual([]));

  test("mounts anonymous volumes by their generated names", () =>
    expect(mounts({}, point("volume", "/data", { Name: "4f3e9a" })).Mounts).toEqual([
      { Type: "volume", Source: "4f3e9a", Target: "/data", ReadOnly: false },
    ]));

  test("mounts anonymous volumes in Binds by their generated names", () => {
    const { Binds, Mounts } = mounts({ Binds: ["/data"] }, point("volume", "/data", { Name: "4f3e9a" }));
    expect([...(Binds ?? []), ...(Mounts ?? []).map(({ Source, Target }) => `${Source}:${Target}`)]).toContain(
      "4f3e9a:/data",
    );
  });

  test("names anonymous volumes without a name in inspect after their folders", () => {
    const name = "d68171ec2243c6c695445afdd838a80b445ac40f84e56dd0c9e471f0768ca39a";
    const lone = point("volume", "/data", { Source: `/var/lib/docker/volumes/${name}/_data` });
    expect(mounts({ Binds: ["/data"] }, lone).Mounts).toEqual([
      { Type: "volume", Source: name, Target: "/data", ReadOnly: false },
    ]);
  });

  test("copies mounts from other containers", () =>
    expect(
      mounts(
        { VolumesFrom: ["data:ro"] },
        point("volume", "/data", { Name: "data", RW: false }),
        point("bind", "/srv", { Source: "/host/srv" }),
      ).Mounts,
    ).toEqual([
      { Type: "volume", Source: "data", Target: "/data", ReadOnly: true },
      { Type: "bind", Source: "/host/srv", Target: "/srv", ReadOnly: false },
    ]));

  test("keeps options of mounts", () =>
    expect(
      mounts(
        {
          Mounts: [
            { Type: "volume", Source: "data", Target: "/data", VolumeOptions: { Subpath: "x" } },
            { Type: "volume", Target: "/anonymous", VolumeOptions: { NoCopy: true } },
            { Type: "bind", Source: "/srv", Target: "/srv", ReadOnly: true, BindOptions: { Propagation: "rslave" } },
            { Type: "tmpfs", Target: "/run", TmpfsOptions: { SizeBytes: 1024 } },
          ],
        },
        point("volume", "/data", { Name: "data" }),
        point("volume", "/anonymous", { Name: "4f3e9a" }),
        point("bind", "/srv", { Source: "/srv", RW: false }),
        point("tmpfs", "/run", { Source: "" }),
      ).Mounts,
    ).toEqual([
      { Type: "tmpfs", Target: "/run", TmpfsOptions: { SizeBytes: 1024 } },
      { Type: "volume", Source: "data", Target: "/data", ReadOnly: false, VolumeOptions: { Subpath: "x" } },
      { Type: "volume", Source: "4f3e9a", Target: "/anonymous", ReadOnly: false, VolumeOptions: { NoCopy: true } },
      { Type: "bind", Source: "/srv", Target: "/srv", ReadOnly: true, BindOptions: { Propagation: "rslave" } },
    ]));
});

describe("links", () => {
  test("converts links of the default network to the form of the create request", () => {
    const { links } = copied({}, { Links: ["/db:/web/db", "/my-app.redis:/web/cache"] });
    expect(links).toEqual(["db:db", "my-app.redis:cache"]);
  });

  test("copies links of a network with it", () => {
    const Networks = { front: { Links: null }, back: { Links: ["shop-db-1:db", "shop-db-1:shop-db-1"] } };
    const copy = copied({}, { NetworkMode: "front" }, { NetworkSettings: { Networks } });
    expect([copy.networks, copy.networkLinks]).toEqual([
      ["front", "back"],
      { back: ["shop-db-1:db", "shop-db-1:shop-db-1"] },
    ]);
  });
});

describe("networks", () => {
  const networks = (NetworkMode: string | undefined, ...names: string[]) =>
    copied({}, { NetworkMode }, { NetworkSettings: { Networks: Object.fromEntries(names.map((name) => [name, {}])) } })
      .networks;

  test.each<[mode: string | undefined, connected: string[], copied: string[]]>([
    ["front", ["back", "front", "other"], ["front", "back", "other"]],
    ["front", ["front"], ["front"]],
    ["bridge", ["bridge"], ["bridge"]],
    ["default", ["bridge"], ["bridge"]],
    // Disconnected from the network of its creation.
    ["front", ["back"], ["back"]],
    // An ID instead of a name.
    ["4f3e9a", ["back", "front"], ["back", "front"]],
    ["host", ["host"], ["host"]],
    ["none", ["none"], ["none"]],
    ["container:4f3e", [], ["container:4f3e"]],
    [undefined, [], ["default"]],
    // A task of a Swarm service with published ports; containers cannot join ingress.
    ["stack_default", ["ingress", "stack_default"], ["stack_default"]],
    ["default", ["ingress", "stack_default"], ["stack_default"]],
  ])("copies networks of the mode %s, connected to %j", (mode, connected, expected) =>
    expect(networks(mode, ...connected)).toEqual(expected),
  );
});
