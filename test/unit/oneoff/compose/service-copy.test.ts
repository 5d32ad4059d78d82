import { describe, expect, test } from "vitest";
import type { ComposeProject } from "../../../../src/app/compose/project.ts";
import type { ComposeService } from "../../../../src/app/compose/service.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { copyService, serviceImage } from "../../../../src/oneoff/compose/service-copy.ts";

const container = (service: string, State = "running"): ContainerSummary => ({
  ...{ Id: `id-of-${service}`, Names: [`/shop-${service}-1`], Image: "i", ImageID: "i", State, Status: "" },
  ...{ Labels: {}, Command: "", Created: 0 },
});

const PROJECT: ComposeProject = {
  name: "shop",
  services: {},
  networks: { default: { name: "shop_default" }, back: { name: "elsewhere" } },
  volumes: { data: { name: "shop_data" } },
  secrets: { token: { file: "/shop/token" } },
  configs: { settings: { file: "/shop/settings" } },
};

const copyOf = (service: Partial<ComposeService>, ...others: ContainerSummary[]) =>
  copyService(
    PROJECT,
    "web",
    { command: null, entrypoint: null, image: "i", networks: { default: null }, ...service },
    {
      siblings: Map.groupBy(others, ({ Names: [name = ""] }) => name.split("-")[1] ?? ""),
      security: service.security_opt ?? [],
    },
  );

const host = (service: Partial<ComposeService>, ...others: ContainerSummary[]) => {
  const { Binds = [], Mounts = [], ...config } = copyOf(service, ...others).hostConfig;
  return { ...config, ...(Binds?.length && { Binds }), ...(Mounts.length > 0 && { Mounts }) };
};

describe("copyService", () => {
  test.each<[Partial<ComposeService>, object]>([
    [{}, { image: "i", env: [], user: "", workingDir: "", entrypoint: null, networks: ["shop_default"] }],
    [{ environment: { A: "1=2", EMPTY: "", GONE: null } }, { env: ["A=1=2", "EMPTY=", "GONE"] }],
    [{ entrypoint: [] }, { entrypoint: [""] }],
    [{ entrypoint: ["run", "it"] }, { entrypoint: ["run", "it"] }],
    [{ init: true }, {}],
    [{ init: false }, { init: false }],
    [{ stop_grace_period: "1m30s" }, { stopTimeout: 90 }],
    [{ stop_grace_period: "1h0m1.9s" }, { stopTimeout: 3601 }],
    [{ stop_grace_period: "500ms" }, { stopTimeout: 0 }],
    [
      { hostname: "h", domainname: "d", platform: "linux/arm64", stop_signal: "SIGINT" },
      { hostname: "h", domainname: "d", platform: "linux/arm64", stopSignal: "SIGINT" },
    ],
    [
      {
        ports: [
          { target: 80, protocol: "tcp", published: "8080" },
          { target: 80, protocol: "tcp", host_ip: "::1" },
        ],
      },
      {
        ports: {
          "80/tcp": [
            { HostIp: "", HostPort: "8080" },
            { HostIp: "::1", HostPort: "" },
          ],
        },
      },
    ],
    [{ networks: { default: null, back: { aliases: ["a"] } } }, { networks: ["elsewhere", "shop_default"] }],
    [{ networks: { back: null, default: { priority: 1 } } }, { networks: ["shop_default", "elsewhere"] }],
    [
      { networks: { default: { gw_priority: 2, ipv4_address: "10.0.0.9", driver_opts: { a: "b" } } } },
      { endpoints: { shop_default: { DriverOpts: { a: "b" }, GwPriority: 2 } } },
    ],
    [{ network_mode: "host" }, { networks: ["host"] }],
    [{ networks: {} }, { networks: ["none"] }],
    [{ external_links: ["other", "far:near"] }, { links: ["other:other", "far:near"] }],
    [{ links: ["db:database"] }, {}],
  ])("converts %j", (service, expected) => expect(copyOf(service)).toMatchObject(expected));

  test("links the containers of a service under the names that the service's own containers use", () => {
    const links = ["shop-db-1:database", "shop-db-1:db-1", "shop-db-1:shop-db-1"];
    expect(copyOf({ links: ["db:database"] }, container("db"))).toMatchObject({
      links,
      networkLinks: { shop_default: links },
    });
  });

  test("shares namespaces and volumes with a container of another service", () => {
    const service = { network_mode: "service:db", pid: "service:db", ipc: "service:db", volumes_from: ["db:ro"] };
    expect(copyOf(service, container("db"))).toMatchObject({
      networks: ["container:id-of-db"],
      hostConfig: { PidMode: "container:id-of-db", IpcMode: "container:id-of-db", VolumesFrom: ["id-of-db"] },
    });
    expect(copyOf({ volumes_from: ["container:other:ro"] }).hostConfig.VolumesFrom).toEqual(["other"]);
  });

  test("requires a running container for a namespace, and any container for volumes", () => {
    const stopped = container("db", "exited");
    expect(() => copyOf({ pid: "service:db" }, stopped)).toThrow('"web" shares the processes of "db"');
    expect(() => copyOf({ volumes_from: ["db"] })).toThrow('"web" shares the volumes of "db"');
    expect(copyOf({ volumes_from: ["db"] }, stopped).hostConfig.VolumesFrom).toEqual(["id-of-db"]);
  });
});

describe("limits and devices", () => {
  test.each<[Partial<ComposeService>, object]>([
    [{}, {}],
    [
      { mem_limit: "64", memswap_limit: "-1", cpus: 0.1 },
      { Memory: 64, MemorySwap: -1, NanoCpus: 100_000_000 },
    ],
    [
      { mem_limit: "1", deploy: { resources: { limits: { memory: "64", cpus: 0.7, pids: 5 } } } },
      { Memory: 64, NanoCpus: 700_000_000, PidsLimit: 5 },
    ],
    [
      { pids_limit: 9, deploy: { resources: { reservations: { memory: "8" } } } },
      { PidsLimit: 9, MemoryReservation: 8 },
    ],
    [
      { ulimits: { nproc: 5, nofile: { soft: 1, hard: 2 } } },
      {
        Ulimits: [
          { Name: "nproc", Soft: 5, Hard: 5 },
          { Name: "nofile", Soft: 1, Hard: 2 },
        ],
      },
    ],
    [
      { blkio_config: { weight: 3, device_read_bps: [{ Path: "/dev/sda", Rate: "1024" }] } },
      { BlkioWeight: 3, BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 1024 }] },
    ],
    [
      {
        devices: [
          { source: "/dev/a", target: "/dev/b", permissions: "r" },
          { source: "vendor.com/class=one", target: "vendor.com/class=one", permissions: "rwm" },
        ],
      },
      {
        Devices: [{ PathOnHost: "/dev/a", PathInContainer: "/dev/b", CgroupPermissions: "r" }],
        DeviceRequests: [
          { Driver: "cdi", Count: 0, DeviceIDs: ["vendor.com/class=one"], Capabilities: null, Options: null },
        ],
      },
    ],
    [
      {
        gpus: [{ count: -1 }],
        deploy: {
          resources: { reservations: { devices: [{ capabilities: ["tpu"], driver: "d", device_ids: ["0"] }] } },
        },
      },
      {
        DeviceRequests: [
          { Driver: "d", Count: 0, DeviceIDs: ["0"], Capabilities: [["tpu"]], Options: null },
          { Driver: "", Count: -1, DeviceIDs: null, Capabilities: [["gpu"]], Options: null },
        ],
      },
    ],
  ])("converts %j", (service, expected) => expect(host(service)).toEqual(expected));
});

describe("host settings", () => {
  test.each<[Partial<ComposeService>, object]>([
    [{ privileged: false, read_only: false, shm_size: "0", dns: [], sysctls: {} }, {}],
    [{ tmpfs: ["/a", "/b:size=1m,mode=700"] }, { Tmpfs: { "/a": "", "/b": "size=1m,mode=700" } }],
    [{ extra_hosts: ["a=1.2.3.4", "b=::1"] }, { ExtraHosts: ["a:1.2.3.4", "b:::1"] }],
    [{ cap_add: ["all", "net_admin", "CAP_CHOWN"] }, { CapAdd: ["ALL", "CAP_NET_ADMIN", "CAP_CHOWN"] }],
    [
      { security_opt: ["systempaths=unconfined", "no-new-privileges:true"] },
      { SecurityOpt: ["no-new-privileges:true"], MaskedPaths: [], ReadonlyPaths: [] },
    ],
    [
      { shm_size: "64", userns_mode: "host", uts: "host", cgroup: "private" },
      {
        ...{ ShmSize: 64, UsernsMode: "host", UTSMode: "host", CgroupnsMode: "private" },
      },
    ],
  ])("converts %j", (service, expected) => expect(host(service)).toEqual(expected));
});

describe("mounts", () => {
  const bind = { type: "bind", source: "/here", target: "/there" };
  test.each<[Partial<ComposeService>, object]>([
    [{ volumes: [{ ...bind, bind: { create_host_path: true } }] }, { Binds: ["/here:/there:rw"] }],
    [
      { volumes: [{ ...bind, read_only: true, bind: { create_host_path: true, selinux: "z" } }] },
      { Binds: ["/here:/there:ro,z"] },
    ],
    [
      { volumes: [{ ...bind, bind: { propagation: "rshared", recursive: "readonly" } }] },
      {
        Mounts: [
          {
            ...{ Type: "bind", Target: "/there", Source: "/here" },
            BindOptions: { Propagation: "rshared", ReadOnlyForceRecursive: true },
          },
        ],
      },
    ],
    [{ volumes: [{ type: "volume", source: "data", target: "/d", volume: {} }] }, { Binds: ["shop_data:/d:rw"] }],
    [
      { volumes: [{ type: "volume", source: "data", target: "/d", volume: { nocopy: true, subpath: "s" } }] },
      {
        Mounts: [{ Type: "volume", Target: "/d", Source: "shop_data", VolumeOptions: { NoCopy: true, Subpath: "s" } }],
      },
    ],
    [
      { volumes: [{ type: "volume", target: "/anonymous", volume: {} }] },
      { Mounts: [{ Type: "volume", Target: "/anonymous", VolumeOptions: {} }] },
    ],
    [
      { volumes: [{ type: "tmpfs", target: "/t", tmpfs: { size: "1024", mode: 0o700 } }] },
      { Mounts: [{ Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 1024, Mode: 0o700 } }] },
    ],
    [{ volumes: [bind, { type: "volume", source: "data", target: "/there" }] }, { Binds: ["shop_data:/there:rw"] }],
    [
      { secrets: [{ source: "token" }, { source: "token", target: "renamed" }], configs: [{ source: "settings" }] },
      {
        Mounts: [
          ...["/run/secrets/token", "/run/secrets/renamed"].map((Target) => ({
            ...{ Type: "bind", Source: "/shop/token", Target, ReadOnly: true, BindOptions: {} },
          })),
          { Type: "bind", Source: "/shop/settings", Target: "/settings", ReadOnly: true },
        ],
      },
    ],
    [
      { volumes: [{ ...bind, target: "/run/secrets/token" }], secrets: [{ source: "token" }] },
      { Binds: ["/here:/run/secrets/token:rw"] },
    ],
  ])("converts %j", (service, expected) => expect(host(service)).toEqual(expected));
});

test.each([
  [{ image: "i" }, "i"],
  [{ image: "" }, "shop-web"],
  [{}, "shop-web"],
])("names the image of %j %s", (service, image) => expect(serviceImage("shop", "web", service)).toBe(image));
