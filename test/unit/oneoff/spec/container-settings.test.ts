import { describe, expect, test } from "vitest";
import type { ContainerSettings } from "../../../../src/app/container/container-settings.ts";
import type { HostConfig } from "../../../../src/engine/types.ts";
import { resolveContainer } from "../../../../src/oneoff/spec/container-settings.ts";

/** @param copied of a container. */
const resolved = (copied: Partial<HostConfig>, requested: ContainerSettings, described: ContainerSettings = {}) =>
  resolveContainer(copied, { run: { container: described } }, { container: requested }, undefined);

const hostOf = (...args: Parameters<typeof resolved>) => resolved(...args).host;

test("changes nothing without settings", () => {
  const copied = { CapAdd: ["CAP_CHOWN"], Dns: ["10.0.0.1"], ShmSize: 1 };
  expect(hostOf(copied, {})).toEqual(copied);
});

test("replaces single values: options, then oneoff.yaml, then the copied container", () => {
  const copied = { ShmSize: 1, IpcMode: "host", ReadonlyRootfs: true };
  expect(hostOf(copied, { "shm-size": 3 }, { "shm-size": 2, ipc: "none", "read-only": false })).toEqual({
    ...{ ShmSize: 3, IpcMode: "none", ReadonlyRootfs: false },
  });
  const container = resolved({}, { hostname: "a" }, { hostname: "b", "stop-signal": "INT" });
  expect(container).toMatchObject({ hostname: "a", stopSignal: "INT", platform: undefined });
});

describe("lists", () => {
  test("adds values to the copied ones, in the order of their sources", () =>
    expect(hostOf({ GroupAdd: ["1"] }, { "group-add": ["3", "1"] }, { "group-add": ["2"] })).toEqual({
      GroupAdd: ["2", "3", "1"],
    }));

  test("replaces entries of the same host, limit and device", () => {
    const device = { PathOnHost: "/dev/a", PathInContainer: "/dev/x", CgroupPermissions: "r" };
    expect(
      hostOf(
        {
          ExtraHosts: ["db:10.0.0.1", "web:10.0.0.2"],
          Ulimits: [{ Name: "nofile", Soft: 1, Hard: 1 }],
          Devices: [{ ...device, PathOnHost: "/dev/b" }],
        },
        { "add-host": ["db:10.0.0.5", "db:::1"], ulimit: [{ Name: "nofile", Soft: 2, Hard: 3 }], device: [device] },
      ),
    ).toEqual({
      ExtraHosts: ["web:10.0.0.2", "db:10.0.0.5", "db:::1"],
      Ulimits: [{ Name: "nofile", Soft: 2, Hard: 3 }],
      Devices: [device],
    });
  });

  test("replaces DNS servers, because the first one answers", () =>
    expect(hostOf({ Dns: ["10.0.0.1"] }, { dns: ["10.0.0.53"] })).toEqual({ Dns: ["10.0.0.53"] }));

  test("replaces GPUs, and adds other devices", () => {
    const gpu = (Count: number) => ({ Driver: "", Count, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} });
    const cdi = { Driver: "cdi", Count: 0, DeviceIDs: ["a/b=c"], Capabilities: null, Options: null };
    expect(hostOf({ DeviceRequests: [gpu(1), cdi] }, { gpus: [gpu(-1)] }).DeviceRequests).toEqual([cdi, gpu(-1)]);
    expect(hostOf({ DeviceRequests: [gpu(1)] }, { device: [cdi] }).DeviceRequests).toEqual([gpu(1), cdi]);
  });
});

describe("capabilities", () => {
  test.each<[copied: [add: string[], drop: string[]], ContainerSettings, [add: string[], drop: string[]]]>([
    [[["CAP_NET_ADMIN", "CAP_CHOWN"], []], { "cap-drop": ["CAP_NET_ADMIN"] }, [["CAP_CHOWN"], ["CAP_NET_ADMIN"]]],
    [[["NET_ADMIN"], []], { "cap-drop": ["CAP_NET_ADMIN"] }, [[], ["CAP_NET_ADMIN"]]],
    [[["CAP_NET_ADMIN"], []], { "cap-drop": ["ALL"] }, [[], ["ALL"]]],
    [[[], ["ALL"]], { "cap-add": ["CAP_CHOWN"] }, [["CAP_CHOWN"], ["ALL"]]],
    [[[], ["CAP_CHOWN", "CAP_KILL"]], { "cap-add": ["CAP_CHOWN"] }, [["CAP_CHOWN"], ["CAP_KILL"]]],
    [[[], ["CAP_CHOWN"]], { "cap-add": ["ALL"] }, [["ALL"], []]],
    // The engine adds after it has dropped, as with docker run.
    [[[], []], { "cap-add": ["CAP_CHOWN"], "cap-drop": ["ALL"] }, [["CAP_CHOWN"], ["ALL"]]],
  ])("of %j and %j are %j", ([CapAdd, CapDrop], settings, [add, drop]) =>
    expect(hostOf({ CapAdd, CapDrop }, settings)).toEqual({ CapAdd: add, CapDrop: drop }),
  );
});

describe("security options", () => {
  test("replaces options of the same kind", () =>
    expect(
      hostOf(
        { SecurityOpt: ["seccomp=unconfined", "label=user:a", "label=disable", "no-new-privileges"] },
        { "security-opt": ["seccomp={}", "label=user:b"] },
      ),
    ).toEqual({ SecurityOpt: ["label=disable", "no-new-privileges", "seccomp={}", "label=user:b"] }));

  test("unmasks system paths", () =>
    expect(hostOf({ SecurityOpt: ["a=b"] }, { "security-opt": ["systempaths=unconfined"] })).toEqual({
      ...{ SecurityOpt: ["a=b"], MaskedPaths: [], ReadonlyPaths: [] },
    }));
});

describe("ports", () => {
  const port = (text: string, hostPort: string) => ({ port: text, hostAddress: "", hostPort });
  const copy = { ports: { "80/tcp": [{ HostIp: "", HostPort: "80" }] } };
  const settings = { processes: { publish: [{ port: 5000, protocol: "tcp" as const, hostPort: 81 }] } };

  test("publishes a port several times", () =>
    expect(hostOf({}, { publish: [[port("80/tcp", "1"), port("80/tcp", "2")], [port("53/udp", "")]] })).toEqual({
      PortBindings: {
        "80/tcp": [
          { HostIp: "", HostPort: "1" },
          { HostIp: "", HostPort: "2" },
        ],
        "53/udp": [{ HostIp: "", HostPort: "" }],
      },
    }));

  test("publishes the ports of the copied container, or of web, only on request", () => {
    const portsOf = (servicePorts: boolean, ...[copied]: Parameters<typeof resolveContainer>[3][]) =>
      resolveContainer({}, settings, { servicePorts }, copied).host.PortBindings;
    expect(portsOf(false, copy)).toBeUndefined();
    expect(portsOf(true, copy)).toEqual(copy.ports);
    expect(portsOf(true)).toEqual({ "5000/tcp": [{ HostIp: "", HostPort: "81" }] });
  });
});

describe("log", () => {
  const log = { driver: "syslog", options: new Map([["tag", "a"]]) };
  const logOf = (requested: ContainerSettings, described: typeof log | null = log) =>
    resolveContainer({}, { run: described ? { log: described } : {} }, { container: requested }, undefined).log;

  test("has the driver of options with their options only", () =>
    expect(logOf({ "log-driver": "json-file", "log-opt": [["a", "b"]] })).toEqual({
      ...{ Type: "json-file", Config: { a: "b" } },
    }));
  test("adds options to the driver of oneoff.yaml", () =>
    expect(logOf({ "log-opt": [["a", "b"]] })).toEqual({ Type: "syslog", Config: { tag: "a", a: "b" } }));
  test("adds options to the engine's default driver", () =>
    expect(logOf({ "log-opt": [["a", "b"]] }, null)).toEqual({ Type: "", Config: { a: "b" } }));
  test("is undefined by default", () => expect(logOf({}, null)).toBeUndefined());
});
