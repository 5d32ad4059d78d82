import { describe, expect, test } from "vitest";
import type { AppSettings } from "../../../../src/app/app.ts";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { parseProcfile } from "../../../../src/app/procfile.ts";
import type { ProcessGroup } from "../../../../src/deploy/rollout/formation.ts";
import { checkGroups, planProcesses } from "../../../../src/deploy/rollout/process-plans.ts";
import { type ProcessPlan, processBody } from "../../../../src/deploy/rollout/process-spec.ts";
import type { RunningProcess } from "../../../../src/deploy/rollout/running-processes.ts";
import { NO_LABELS } from "../../../../src/identity/ownership.ts";
import type { DeployApp, Release } from "../../../../src/release/release.ts";

const release: Release = {
  app: "shop",
  number: 7,
  image: "oneoff/shop:v7",
  imageId: "sha256:abc",
  procfile: parseProcfile("web: node web.js --port $PORT\nworker: node worker.js --token=hunter22"),
  appJson: { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] },
  created: "2026-01-01T00:00:00Z",
};
const appOf = (settings: AppSettings = {}, env: Record<string, string> = {}): DeployApp => ({
  name: "shop",
  env: new Map(Object.entries(env)),
  settings,
});
const plan: ProcessPlan = { type: "web", index: 1, port: "5000", displaces: false };
const body = (settings?: AppSettings, given: Partial<ProcessPlan> = {}, env?: Record<string, string>) =>
  processBody(appOf(settings, env), release, { ...plan, ...given });

describe("processBody", () => {
  test("creates a process with default settings", () =>
    expect(body()).toEqual({
      Image: "sha256:abc",
      Cmd: ["sh", "-c", "exec node web.js --port $PORT"],
      Env: ["DYNO=web.1", "PORT=5000"],
      Labels: {
        ...NO_LABELS,
        "dev.oneoff.container": "shop.web.1",
        "dev.oneoff.app": "shop",
        "dev.oneoff.kind": "process",
        "dev.oneoff.name": "web.1",
        "dev.oneoff.process-type": "web",
        "dev.oneoff.release": "7",
        "dev.oneoff.command": "node web.js --port $PORT",
        "dev.oneoff.settings": expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      StopTimeout: 30,
      HostConfig: {
        Init: true,
        LogConfig: { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } },
        RestartPolicy: { Name: "unless-stopped" },
        NetworkMode: "default",
        Binds: [],
        Mounts: [],
      },
    }));

  const launcher = { kind: "cnb", isDirect: true, processes: new Map([["web", "node web.js --port $PORT"]]) } as const;
  const started = (...given: Parameters<typeof body>) => {
    const { Entrypoint, Cmd } = body(...given);
    return [Entrypoint, Cmd];
  };

  test("starts the recorded type in a buildpacks image", () => {
    expect(started({}, { launcher })).toEqual([["/cnb/process/web"], []]);
    const only = { ...launcher, processes: new Map([["clock", "rake clock"]]) };
    expect(started({}, { type: "clock", launcher: only })).toEqual([["/cnb/process/clock"], []]);
  });

  test("starts other Procfile commands through the buildpacks launcher", () =>
    expect(started({}, { type: "worker", launcher })).toEqual([
      ["/cnb/lifecycle/launcher"],
      ["--", "node", "worker.js", "--token=hunter22"],
    ]));

  test("keeps the default of a buildpacks image and the entrypoint of oneoff.yaml", () => {
    expect(started({}, { type: "other", launcher })).toEqual([undefined, undefined]);
    expect(started({ entrypoint: ["/entry"] }, { type: "worker", launcher })).toEqual([
      ["/entry"],
      ["node", "worker.js", "--token=hunter22"],
    ]);
  });

  test("starts herokuish commands with the profile, and types without a command with /start", () => {
    const herokuish = { kind: "herokuish", isDirect: false, processes: new Map() } as const;
    const { Entrypoint, Cmd } = body({}, { type: "worker", launcher: herokuish });
    expect([Entrypoint, Cmd?.slice(0, 2), Cmd?.slice(3)]).toEqual([
      undefined,
      ["bash", "-c"],
      ["bash", "node", "worker.js", "--token=hunter22"],
    ]);
    expect(started({}, { type: "other", launcher: herokuish })).toEqual([undefined, ["/start", "other"]]);
  });

  test("applies all settings of oneoff.yaml", () => {
    const { Labels, HostConfig, ...rest } = body(
      {
        networks: ["shop-net", "db"],
        binds: ["data:/data"],
        user: "app",
        workdir: "/srv",
        entrypoint: ["/launch"],
        shell: "bash",
        init: false,
        processes: { restart: { name: "always" }, stopGrace: 5, labels: new Map([["traefik.enable", "true"]]) },
      },
      { size: "S", index: 2 },
    );
    expect(rest).toMatchObject({ User: "app", WorkingDir: "/srv", Entrypoint: ["/launch"], StopTimeout: 5 });
    expect(rest.Cmd?.[0]).toBe("bash");
    expect(rest.NetworkingConfig).toBeUndefined();
    expect(Labels).toMatchObject({ "traefik.enable": "true", "dev.oneoff.name": "web.2" });
    expect(HostConfig).toMatchObject({
      ...{ Init: false, NetworkMode: "shop-net", Binds: ["data:/data"], Memory: 256 * 2 ** 20 },
      RestartPolicy: { Name: "always" },
    });
    expect(HostConfig.RestartPolicy).not.toHaveProperty("MaximumRetryCount");
  });

  test("runs the command of the image for a type that is not in the Procfile", () => {
    const { Cmd, Labels } = body({}, { type: "clock" });
    expect(Cmd).toBeUndefined();
    expect(Labels["dev.oneoff.command"]).toBe("");
  });

  test("masks secrets in the command label only", () => {
    const { Cmd, Labels } = body({}, { type: "worker" });
    expect(Labels["dev.oneoff.command"]).toBe("node worker.js --token=***");
    expect(Cmd).toEqual(["node", "worker.js", "--token=hunter22"]);
  });

  test("prefers DYNO and PORT of the process to variables of the app", () =>
    expect(body({}, { port: "8080" }, { DYNO: "x", A: "1", PORT: "8080" }).Env).toEqual([
      "DYNO=web.1",
      "A=1",
      "PORT=8080",
    ]));

  test("publishes ports of web only", () => {
    const publish = [
      { port: 5000, protocol: "tcp", hostPort: 80, hostAddress: "127.0.0.1" },
      { port: 5000, protocol: "tcp" },
      { port: 53, protocol: "udp", hostPort: 53 },
    ] as const;
    const { ExposedPorts, HostConfig } = body({ processes: { publish } });
    expect(ExposedPorts).toEqual({ "5000/tcp": {}, "53/udp": {} });
    expect(HostConfig.PortBindings).toEqual({
      "5000/tcp": [
        { HostIp: "127.0.0.1", HostPort: "80" },
        { HostIp: "", HostPort: "" },
      ],
      "53/udp": [{ HostIp: "", HostPort: "53" }],
    });
    expect(body({ processes: { publish } }, { type: "worker" }).HostConfig).not.toHaveProperty("PortBindings");
  });

  test("adds aliases at create if the old process is already stopped", () => {
    expect(body({ networks: ["net"] }, { displaces: true })).toMatchObject({
      NetworkingConfig: { EndpointsConfig: { net: { Aliases: ["shop", "shop-web"] } } },
      Labels: { "dev.oneoff.displaces": "true" },
    });
    expect(body({ networks: ["host"] }, { displaces: true })).not.toHaveProperty("NetworkingConfig");
  });
});

describe("planProcesses", () => {
  const running = (name: string, given: Partial<RunningProcess> = {}): RunningProcess => ({
    ...{
      id: name,
      app: "shop",
      type: name.split(".")[0] ?? "",
      name,
      release: 7,
      isRunning: true,
      isUp: true,
      hostPorts: [],
    },
    ...given,
  });
  const plans = (given: Partial<Parameters<typeof planProcesses>[0]> = {}) => {
    const { start, stop, keep } = planProcesses({
      app: appOf(),
      groups: [
        { type: "web", quantity: 2 },
        { type: "worker", quantity: 0 },
      ],
      imageEnv: new Map(),
      running: [],
      keeps: () => false,
      ...given,
    });
    return { start, stop: stop.map(({ name }) => name), keep: keep.map(({ name }) => name) };
  };

  test("starts all processes and stops all running ones", () => {
    const { start, stop, keep } = plans({ running: [running("web.1"), running("worker.1")] });
    expect(start).toEqual([
      { type: "web", index: 1, port: "5000", displaces: false },
      { type: "web", index: 2, port: "5000", displaces: false },
    ]);
    expect({ stop, keep }).toEqual({ stop: ["web.1", "worker.1"], keep: [] });
  });

  test("keeps running processes of the formation and restarts exited ones", () => {
    const current = [running("web.1"), running("web.2", { isUp: false }), running("web.3")];
    const { start, stop, keep } = plans({ running: current, keeps: () => true });
    expect(start.map(({ index }) => index)).toEqual([2]);
    expect({ stop, keep }).toEqual({ stop: ["web.2", "web.3"], keep: ["web.1"] });
  });

  test("prefers PORT of the app to PORT of the image to 5000", () => {
    const imageEnv = new Map([["PORT", "3000"]]);
    expect(plans({ imageEnv }).start[0]?.port).toBe("3000");
    expect(plans({ imageEnv, app: appOf({}, { PORT: "4000" }) }).start[0]?.port).toBe("4000");
  });

  const published = appOf({ processes: { publish: [{ port: 5000, protocol: "tcp", hostPort: 80 }] } });
  const one = [{ type: "web", quantity: 1 }];

  test("stops the holder of a host port first", () => {
    const groups = [...one, { type: "worker", quantity: 1 }];
    const current = [running("worker.1", { hostPorts: [80] })];
    expect(plans({ app: published, groups, running: current }).start.map(({ displaces }) => displaces)).toEqual([
      true,
      false,
    ]);
    const exited = [running("web.1", { hostPorts: [80], isRunning: false })];
    expect(plans({ app: published, groups: one, running: exited }).start[0]?.displaces).toBe(false);
    expect(plans({ app: published, groups: one, running: [running("web.1")] }).start[0]?.displaces).toBe(false);
  });

  test("stops the old web first in the network of the host, but not a worker", () => {
    const groups = [...one, { type: "worker", quantity: 1 }];
    const current = [running("web.1"), running("worker.1")];
    const { start } = plans({ app: appOf({ networks: ["host"] }), groups, running: current });
    expect(start.map(({ displaces }) => displaces)).toEqual([true, false]);
  });

  test("rejects two processes with one host port, and an unknown size", () => {
    const check = (app: DeployApp, group: Partial<ProcessGroup>) => () =>
      checkGroups(app, [{ type: "web", quantity: 1, ...group }]);
    expect(check(published, { quantity: 2 })).toThrow(
      "Only one web process can use the host port 80, but the formation has 2",
    );
    expect(check(published, { type: "worker", quantity: 2, size: "L" })).not.toThrow();
    expect(check(appOf(), { size: "standard-1x" })).toThrow(
      'unknown size "standard-1x"; expected "S", "M", "L" or "XL"',
    );
    expect(check(appOf(), { size: "standard-1x", quantity: 0 })).not.toThrow();
    const sizes = new Map([["standard-1x", { memory: 1 }]]);
    expect(check(appOf({ sizes }), { size: "standard-1x" })).not.toThrow();
  });
});

interface DigestOptions {
  readonly settings?: AppSettings;
  readonly env?: Readonly<Record<string, string>>;
  readonly plan?: Partial<ProcessPlan>;
  readonly imageId?: string;
  readonly number?: number;
  readonly procfile?: string;
}

/** The settings label of a process. */
function digest({
  settings = {},
  env = {},
  plan = {},
  imageId = "sha256:r",
  number = 7,
  procfile = "web: a",
}: DigestOptions) {
  const release = {
    ...{ app: "a", number, image: "", imageId, created: "" },
    ...{ procfile: parseProcfile(procfile), appJson: parseAppJson(Buffer.from("")) },
  };
  const app = { name: "a", env: new Map(Object.entries(env)), settings };
  const body = processBody(app, release, { type: "web", index: 1, port: "5000", displaces: false, ...plan });
  return body.Labels["dev.oneoff.settings"];
}

const plain = digest({});
const processes = (processes: AppSettings["processes"]) => ({ settings: { processes } as AppSettings });

test("writes a short settings digest", () => expect(plain).toMatch(/^[0-9a-f]{16}$/));

test.each<[string, DigestOptions]>([
  ["a volume", { settings: { binds: ["data:/data"] } }],
  ["a mount", { settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false }] } }],
  ["a network", { settings: { networks: ["one"] } }],
  ["a second network", { settings: { networks: ["default", "two"] } }],
  ["a size", { plan: { size: "L" } }],
  ["a definition of a size", { plan: { size: "S" }, settings: { sizes: new Map([["S", { memory: 1e9 }]]) } }],
  ["a host port", processes({ publish: [{ port: 5000, protocol: "tcp", hostPort: 80 }] })],
  ["an entrypoint", { settings: { entrypoint: ["/launch"] } }],
  ["a user", { settings: { user: "app" } }],
  ["a working directory", { settings: { workdir: "/srv" } }],
  ["init", { settings: { init: false } }],
  ["a label", processes({ labels: new Map([["traefik.enable", "true"]]) })],
  ["a restart policy", processes({ restart: { name: "always" } })],
  ["a stop timeout", processes({ stopGrace: 5 })],
  ["a command", { procfile: "web: b" }],
  ["a shell", { settings: { shell: "bash" }, procfile: "web: a | b" }],
  ["a release", { number: 8 }],
])("changes the settings digest for %s", (_what, options) => {
  expect(digest(options)).not.toBe(plain);
  if (options.plan?.size === "S") expect(digest(options)).not.toBe(digest({ plan: options.plan }));
});

test.each<[string, DigestOptions]>([
  ["a variable, which could be guessed from it", { env: { PIN: "1234" } }],
  ["an image ID, which the release determines", { imageId: "sha256:other" }],
  ["an old process to stop first", { plan: { displaces: true }, settings: {} }],
  ["the health wait", processes({ healthWait: 1 })],
  ["the drain time", processes({ drain: 0 })],
])("does not change the settings digest for %s", (_what, options) => expect(digest(options)).toBe(plain));
