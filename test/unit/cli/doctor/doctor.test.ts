import { describe, expect, test } from "vitest";
import { endpointFindings, engineFindings, socketFindings } from "../../../../src/cli/doctor/engine-findings.ts";
import type { EngineFacts, Finding, Folder } from "../../../../src/cli/doctor/facts.ts";
import {
  credentialFindings,
  diskFindings,
  folderFindings,
  proxyFindings,
  terminalFindings,
} from "../../../../src/cli/doctor/local-findings.ts";
import { endpointChain } from "../../../../src/engine/endpoint/endpoint-chain.ts";
import { engineUnresponsive } from "../../../../src/errors/cli.ts";

/** `status check: message > next` */
const lines = (found: readonly Finding[]) =>
  found.map(
    ({ status, check, message, next }) => `${status} ${check}: ${message}${next === undefined ? "" : ` > ${next}`}`,
  );

const version = { Version: "27.5.1", ApiVersion: "1.47", MinAPIVersion: "1.24", Os: "linux", Arch: "amd64" };
const info = {
  Driver: "overlay2",
  Plugins: { Log: ["json-file", "local"] },
  InitBinary: "docker-init",
  InitCommit: { ID: "de40ad0" },
  OperatingSystem: "Debian 12",
};
const engine = (more: EngineFacts = {}) => lines(engineFindings({ version, info, ...more }));
const only = (about: string, found: readonly string[]) => found.filter((line) => line.includes(` ${about}: `));

describe("the endpoint", () => {
  const chain = (env: Record<string, string>, there: readonly string[] = []) =>
    endpointChain(
      {},
      {
        env,
        exists: (path) => there.includes(path),
        readFile: () => {
          throw Object.assign(new Error(), { code: "ENOENT" });
        },
      },
    );

  test("reports the source of the endpoint, and the sources that it overrides", () =>
    expect(lines(endpointFindings(chain({ DOCKER_HOST: "unix:///x.sock" }, ["/var/run/docker.sock"])))).toEqual([
      "ok endpoint: /x.sock, from DOCKER_HOST (overrides default /var/run/docker.sock)",
    ]));

  test("reports an endpoint that is invalid", () =>
    expect(lines(endpointFindings(chain({ DOCKER_HOST: "http://x" })))).toEqual([
      expect.stringMatching(/^fail endpoint: Invalid DOCKER_HOST .* > write it as tcp:\/\/x$/),
    ]));

  test("reports nothing about the endpoint if there is none", () => expect(endpointFindings(chain({}))).toEqual([]));
});

test.each([
  [{ isIn: true, isMember: false }, "ok socket: for the group docker, mode 660; you are in it"],
  [{ isIn: false, isMember: false }, "ok socket: for the group docker, mode 660; you are not in it"],
  [
    { isIn: false, isMember: true },
    "warn socket: for the group docker, mode 660; you are in it, but this session started before > newgrp docker, or log in again",
  ],
])("reports the group and mode of the socket: %j", (more, line) =>
  expect(lines(socketFindings({ group: "docker", mode: "660", ...more }))).toEqual([line]),
);

describe("the engine", () => {
  test("reports a healthy engine, and that nothing is overdue", () =>
    expect(engine({ skew: -2, oneoffs: { live: 3, overdue: 0, volumes: 0 } })).toEqual([
      "ok engine: Docker Engine 27.5.1, API 1.47, linux/amd64, Debian 12",
      "ok storage: overlay2",
      "ok init: docker-init",
      "ok logs: json-file, local",
      "ok clock: the clocks of the engine and this machine agree",
      "ok one-offs: 3 running, none overdue",
    ]));

  test("reports an engine that does not respond in one line", () =>
    expect(lines(engineFindings({ error: engineUnresponsive(6) }))).toEqual([
      expect.stringMatching(/^fail engine: The engine did not respond within 6 s > /),
    ]));

  test.each([
    [{ ApiVersion: "1.40" }, /^fail engine: .*oneoff needs API 1\.41 > install Docker Engine 20\.10 or newer$/],
    [
      { MinAPIVersion: "1.60" },
      /^fail engine: .*the engine requires API 1\.60, and oneoff uses 1\.44 > install a newer oneoff$/,
    ],
    [{ Components: [{ Name: "Podman Engine", Version: "5.4" }] }, /^ok engine: Podman 27/],
  ])("checks versions of the engine: %j", (more, line) =>
    expect(engine({ version: { ...version, ...more } })[0]).toMatch(line),
  );

  test.each([
    [{ SecurityOptions: ["name=seccomp", "name=rootless"] }, /^ok engine: Docker Engine 27.5.1, rootless, API/],
    [{ DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] as const }, /, containerd's image store, API/],
    [{ Driver: "vfs" }, /^warn storage: vfs slows down every start > /],
    [{ InitCommit: { ID: "N/A" } }, /^warn init: .* > install docker-init .*"init-path" .* --no-init$/],
    [
      { Plugins: { Log: ["journald"] } },
      /^warn logs: .*no log driver local \(only journald\).* > set run\.log in oneoff\.yaml/,
    ],
    [{ MemoryLimit: false }, /^warn memory: .* > .*cgroup_enable=memory$/],
    [
      { SecurityOptions: ["name=rootless"], CgroupVersion: "1" },
      /^warn memory: .* > .*unified_cgroup_hierarchy.*Delegate/,
    ],
  ])("checks settings of the engine: %j", (more, line) =>
    expect(engine({ info: { ...info, ...more } })).toContainEqual(expect.stringMatching(line)),
  );

  test.each([
    { SecurityOptions: ["name=rootless"], CgroupVersion: "2" },
    { SecurityOptions: ["name=seccomp"], CgroupVersion: "1" },
  ])("prints no warning about memory with %j", (more) =>
    expect(only("memory", engine({ info: { ...info, ...more } }))).toEqual([]),
  );

  test.each([
    [
      90,
      "warn clock: the engine's clock is 1m30s ahead of this machine's: oneoff prints times of the engine > timedatectl set-ntp true (on both machines)",
    ],
    [
      -6,
      "warn clock: the engine's clock is 6s behind this machine's: oneoff prints times of the engine > timedatectl set-ntp true (on both machines)",
    ],
    [4.9, "ok clock: the clocks of the engine and this machine agree"],
  ])("compares the clocks of the engine and this machine: %s s", (skew, line) =>
    expect(only("clock", engine({ skew }))).toEqual([line]),
  );

  test("reports process types of which not all processes run", () => {
    const down = [{ app: "shop", processType: "worker", running: 0, desired: 1 }];
    expect(only("processes", engine({ processes: { count: 3, down } }))).toEqual([
      "warn processes: shop: worker: 0 of 1 running > oneoff start shop",
    ]);
    expect(only("processes", engine({ processes: { count: 3, down: [] } }))).toEqual([
      "ok processes: 3 deployed, all running",
    ]);
    expect(only("processes", engine({ processes: { count: 0, down: [] } }))).toEqual([]);
  });

  test("reports overdue one-offs", () =>
    expect(only("one-offs", engine({ oneoffs: { live: 1, overdue: 2, volumes: 0 } }))).toEqual([
      "warn one-offs: 1 running, 2 overdue > oneoff reap",
    ]));

  test("reports volumes without a container", () =>
    expect(only("one-offs", engine({ oneoffs: { live: 1, overdue: 0, volumes: 1 } }))).toEqual([
      "warn one-offs: 1 running, none overdue, 1 volume left > oneoff reap",
    ]));
});

test.each([
  ["engine", 2 ** 40, /^ok disk \(engine\): 1 TiB of 2 TiB free at \/d$/],
  ["engine", 2 ** 29, /^warn disk \(engine\): 512 MiB of 2 TiB free at \/d > docker system prune/],
  ["engine", 0, /^fail disk \(engine\): 0 B of 2 TiB free at \/d: no container can be created > /],
  ["here", 2 ** 29, /^ok/],
  ["here", 0, /^warn/],
] as const)("reports the free space of the disk: %s, %i bytes", (what, free, line) =>
  expect(lines(diskFindings([{ what, path: "/d", free, total: 2 ** 41 }]))).toEqual([expect.stringMatching(line)]),
);

test.each<[Omit<Folder, "what">, RegExp]>([
  [{ path: "/h/oneoff", problem: undefined }, /^ok state: \/h\/oneoff$/],
  [
    { path: undefined, problem: undefined },
    /^warn state: neither XDG_STATE_HOME nor HOME is set: no journal: .* > export XDG_STATE_HOME=/,
  ],
  [{ path: "/h/oneoff", problem: "/h is not writable" }, /^warn state: \/h\/oneoff: \/h is not writable; no journal/],
])("reports a folder of oneoff and its problem: %j", (folder, line) =>
  expect(lines(folderFindings([{ what: "state", ...folder }]))).toEqual([expect.stringMatching(line)]),
);

const terminal = { input: "terminal", isTerminal: true, size: { columns: 80, rows: 24 }, hasStty: true, term: "xterm" };

test.each([
  [{}, "ok terminal: xterm, 80x24"],
  [{ isTerminal: false, input: "pipe" }, "ok terminal: none (stdin: pipe): commands get no TTY without --tty"],
  [
    { hasStty: false },
    "warn terminal: xterm, 80x24; no stty: the display of full-screen programs may be garbled > install coreutils",
  ],
  [
    { term: undefined },
    "warn terminal: without TERM, 80x24: full-screen programs do not work > export TERM=xterm-256color",
  ],
])("reports the terminal: %j", (more, line) =>
  expect(lines(terminalFindings({ ...terminal, ...more }))).toEqual([line]),
);

test("reports proxies of the environment and of docker's configuration", () => {
  expect(proxyFindings({ ofEnvironment: [], ofDocker: false })).toEqual([]);
  expect(lines(proxyFindings({ ofEnvironment: ["HTTPS_PROXY"], ofDocker: false }))).toEqual([
    "ok proxies: HTTPS_PROXY: not used for the engine; pass them to one-offs with -e HTTPS_PROXY",
  ]);
  expect(lines(proxyFindings({ ofEnvironment: [], ofDocker: true }))).toEqual([
    "ok proxies: docker's config.json: used by one-offs, as in docker run, and by builds",
  ]);
});

test("reports missing credential helpers, and an invalid configuration", () => {
  expect(credentialFindings({ missing: [], problem: undefined })).toEqual([]);
  expect(lines(credentialFindings({ missing: ["docker-credential-pass"], problem: undefined }))).toEqual([
    "warn credentials: docker-credential-pass not found: --pull uses no credentials > install docker-credential-pass, or remove it from docker's config.json",
  ]);
  expect(lines(credentialFindings({ missing: [], problem: "/c is no JSON object" }))).toEqual([
    "warn credentials: /c is no JSON object; --pull uses no credentials > fix docker's config.json",
  ]);
});
