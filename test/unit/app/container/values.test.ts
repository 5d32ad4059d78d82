import { describe, expect, test } from "vitest";
import { LISTS, OPTION_LISTS, OPTION_SINGLES, SINGLES } from "../../../../src/app/container/container-settings.ts";
import { deviceOf, gpusOf } from "../../../../src/app/container/devices.ts";
import { portMappingsOf } from "../../../../src/app/container/ports.ts";

const SETTINGS = { ...LISTS, ...OPTION_LISTS, ...SINGLES, ...OPTION_SINGLES };

describe("a published port", () => {
  const published = (text: string) =>
    portMappingsOf(text)?.map(({ port, hostAddress, hostPort }) => `${hostAddress}|${hostPort}|${port}`);

  test.each([
    ["80", ["||80/tcp"]],
    ["8080:80", ["|8080|80/tcp"]],
    ["8080:80/UDP", ["|8080|80/udp"]],
    ["0:80/sctp", ["|0|80/sctp"]],
    ["127.0.0.1::9229", ["127.0.0.1||9229/tcp"]],
    ["127.0.0.1:9229:9229", ["127.0.0.1|9229|9229/tcp"]],
    ["[::1]:80:81", ["::1|80|81/tcp"]],
    ["::1:80:81", ["::1|80|81/tcp"]],
    ["80-82", ["||80/tcp", "||81/tcp", "||82/tcp"]],
    ["90-91:80-81/udp", ["|90|80/udp", "|91|81/udp"]],
    ["90-95:80", ["|90-95|80/tcp"]],
    ["published=8080,target=80,protocol=udp", ["|8080|80/udp"]],
    ["target=80", ["||80/tcp"]],
  ])("parses %s", (text, ports) => expect(published(text)).toEqual(ports));

  test.each([
    ...["", ":", "a", "0", "80:0", "80:", "65536", "1:65536", "82-80", "90-95:80-81", "80/", "80/icmp", "80/tcp/udp"],
    ...["localhost:80:80", "1.2.3:80:80", "256.0.0.1:1:1", "[fe80::1%eth0]:80:80", "80:80:80", "-1:80", " 80", "x=80"],
  ])("rejects %j", (text) => expect(published(text)).toBeUndefined());
});

describe("a device", () => {
  test.each([
    ["/dev/fuse", "/dev/fuse /dev/fuse rwm"],
    ["/dev/fuse:r", "/dev/fuse /dev/fuse r"],
    ["/dev/a:/dev/b", "/dev/a /dev/b rwm"],
    ["/dev/a:/dev/b:mrw", "/dev/a /dev/b mrw"],
  ])("parses %s", (text, fields) => expect(Object.values(deviceOf(text) ?? {}).join(" ")).toBe(fields));

  test("parses a CDI name", () =>
    expect(deviceOf("nvidia.com/gpu=all")).toMatchObject({ Driver: "cdi", DeviceIDs: ["nvidia.com/gpu=all"] }));

  test.each(["", "dev", ":/dev/b", "/dev/a:b", "/dev/a:/dev/b:x", "/dev/a:/dev/b:rr", "/dev/a:/dev/b:r:w", "/dev/a::"])(
    "rejects %j",
    (text) => expect(deviceOf(text)).toBeUndefined(),
  );
});

describe("GPUs", () => {
  const gpu = { Driver: "", Count: 0, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} };

  test.each([
    ["all", { Count: -1 }],
    ["2", { Count: 2 }],
    ["count=2", { Count: 2 }],
    ["driver=nvidia", { Count: 1, Driver: "nvidia" }],
    ["device=0", { DeviceIDs: ["0"] }],
    ['"device=0,1"', { DeviceIDs: ["0", "1"] }],
    ['1,"capabilities=compute,utility"', { Count: 1, Capabilities: [["compute", "utility", "gpu"]] }],
    ['all,"options=a=b,c"', { Count: -1, Options: { a: "b", c: "" } }],
  ])("parses %s", (text, fields) => expect(gpusOf(text)).toEqual({ ...gpu, ...fields }));

  test.each(["", "some", "1,2", "count=x", "vendor=nvidia", '"device=0', "device=0,device=1"])("rejects %j", (text) =>
    expect(gpusOf(text)).toBeUndefined(),
  );
});

test.each<[name: keyof typeof SETTINGS, valid: [text: string, value: unknown][], invalid: string[]]>([
  [
    "add-host",
    [
      ["db:10.0.0.5", "db:10.0.0.5"],
      ["db=10.0.0.5", "db:10.0.0.5"],
      ["six:::1", "six:::1"],
      ["six=[::1]", "six:::1"],
      ["gate:host-gateway", "gate:host-gateway"],
    ],
    ["", "db", ":10.0.0.5", "db:", "db:10.0.0", "db:other", "a:b=1.2.3.4"],
  ],
  [
    "cap-add",
    [
      ["net_admin", "CAP_NET_ADMIN"],
      ["CAP_CHOWN", "CAP_CHOWN"],
      ["all", "ALL"],
    ],
    ["", "net-admin", "A B"],
  ],
  ["dns", [[" 10.0.0.53", "10.0.0.53"]], ["", "example.com", "10.0.0.53:53"]],
  ["group-add", [["wheel", "wheel"]], ["", "a b"]],
  ["hostname", [["worker-1.example.com", "worker-1.example.com"]], ["", "-a", "a b", "a".repeat(65)]],
  ["ipc", [["container:db", "container:db"]], ["", "container:", "shared"]],
  ["log-driver", [["json-file", "json-file"]], ["", "a b"]],
  [
    "log-opt",
    [
      ["tag=a=b", ["tag", "a=b"]],
      ["mode", ["mode", ""]],
    ],
    ["", "=a"],
  ],
  ["platform", [["linux/arm/v7", "linux/arm/v7"]], ["", "linux/", "a/b/c/d", "a b"]],
  [
    "security-opt",
    [
      ["no-new-privileges", "no-new-privileges"],
      ["no-new-privileges:false", "no-new-privileges:false"],
      ["label:disable", "label:disable"],
      ["apparmor=unconfined", "apparmor=unconfined"],
    ],
    ["", "seccomp", "seccomp=", "=a", ":a"],
  ],
  ["shm-size", [["1.5g", 1.5 * 2 ** 30]], ["", "0", "much"]],
  ["stop-signal", [["INT", "INT"]], ["", "a b"]],
  ["tmpfs", [["/x:size=1m", "/x:size=1m"]], ["", "x", "x:/y"]],
  [
    "ulimit",
    [
      ["nofile=1024", { Name: "nofile", Soft: 1024, Hard: 1024 }],
      ["core=0:-1", { Name: "core", Soft: 0, Hard: -1 }],
      ["nproc=-1", { Name: "nproc", Soft: -1, Hard: -1 }],
    ],
    ["", "nofile", "nofile=", "files=1", "nofile=2:1", "nofile=-1:5", "nofile=1:2:3", "nofile=-2"],
  ],
])("parses --%s as docker does", (name, valid, invalid) => {
  const { parse, wanted } = SETTINGS[name];
  expect(valid.map(([text]) => parse(text))).toEqual(valid.map(([, value]) => value));
  expect(invalid.filter((text) => parse(text) !== undefined)).toEqual([]);
  // The example in errors is valid.
  expect(parse(/such as ([^\s,]+)/.exec(wanted)?.[1] ?? "")).toBeDefined();
});
