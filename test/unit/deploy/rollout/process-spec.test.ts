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
  appJson: { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map() },
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

describe("what creates a process", () => {
  test("is this, when nothing was asked for", () =>
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

  test("in an image of buildpacks starts what the build recorded for its type", () => {
    expect(started({}, { launcher })).toEqual([["/cnb/process/web"], []]);
    const only = { ...launcher, processes: new Map([["clock", "rake clock"]]) };
    expect(started({}, { type: "clock", launcher: only })).toEqual([["/cnb/process/clock"], []]);
  });

  test("in an image of buildpacks starts another command of a Procfile by the launcher", () =>
    expect(started({}, { type: "worker", launcher })).toEqual([
      ["/cnb/lifecycle/launcher"],
      ["--", "node", "worker.js", "--token=hunter22"],
    ]));

  test("in an image of buildpacks leaves the default of the image, and an entrypoint that oneoff.yaml sets", () => {
    expect(started({}, { type: "other", launcher })).toEqual([undefined, undefined]);
    expect(started({ entrypoint: ["/entry"] }, { type: "worker", launcher })).toEqual([
      ["/entry"],
      ["node", "worker.js", "--token=hunter22"],
    ]);
  });

  test("of herokuish starts its command with the profile, and a type without one by herokuish's own program", () => {
    const herokuish = { kind: "herokuish", isDirect: false, processes: new Map() } as const;
    const { Entrypoint, Cmd } = body({}, { type: "worker", launcher: herokuish });
    expect([Entrypoint, Cmd?.slice(0, 2), Cmd?.slice(3)]).toEqual([
      undefined,
      ["bash", "-c"],
      ["bash", "node", "worker.js", "--token=hunter22"],
    ]);
    expect(started({}, { type: "other", launcher: herokuish })).toEqual([undefined, ["/start", "other"]]);
  });

  test("has all that oneoff.yaml says", () => {
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

  test("runs what the image runs where the Procfile has no such type", () => {
    const { Cmd, Labels } = body({}, { type: "clock" });
    expect(Cmd).toBeUndefined();
    expect(Labels["dev.oneoff.command"]).toBe("");
  });

  test("hides what is likely a secret in its label, and only there", () => {
    const { Cmd, Labels } = body({}, { type: "worker" });
    expect(Labels["dev.oneoff.command"]).toBe("node worker.js --token=***");
    expect(Cmd).toEqual(["node", "worker.js", "--token=hunter22"]);
  });

  test("a process's own names come before the app's variables", () =>
    expect(body({}, { port: "8080" }, { DYNO: "x", A: "1", PORT: "8080" }).Env).toEqual([
      "DYNO=web.1",
      "A=1",
      "PORT=8080",
    ]));

  test("publishes ports of web, and of nothing else", () => {
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

  test("what takes the place of one that was stopped can be found at once, where the engine has names", () => {
    expect(body({ networks: ["net"] }, { displaces: true })).toMatchObject({
      NetworkingConfig: { EndpointsConfig: { net: { Aliases: ["shop", "shop-web"] } } },
      Labels: { "dev.oneoff.displaces": "true" },
    });
    expect(body({ networks: ["host"] }, { displaces: true })).not.toHaveProperty("NetworkingConfig");
  });
});

describe("what is to be done", () => {
  const standing = (name: string, given: Partial<RunningProcess> = {}): RunningProcess => ({
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
    const {
      start,
      stop: leave,
      keep,
    } = planProcesses({
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
    return { start, leave: leave.map(({ name }) => name), keep: keep.map(({ name }) => name) };
  };

  test("all is started anew, and all that was there leaves", () => {
    const { start, leave, keep } = plans({ running: [standing("web.1"), standing("worker.1")] });
    expect(start).toEqual([
      { type: "web", index: 1, port: "5000", displaces: false },
      { type: "web", index: 2, port: "5000", displaces: false },
    ]);
    expect({ leave, keep }).toEqual({ leave: ["web.1", "worker.1"], keep: [] });
  });

  test("what runs and may stay does, as far as it is wanted; what has ended is started anew", () => {
    const there = [standing("web.1"), standing("web.2", { isUp: false }), standing("web.3")];
    const { start, leave, keep } = plans({ running: there, keeps: () => true });
    expect(start.map(({ index }) => index)).toEqual([2]);
    expect({ leave, keep }).toEqual({ leave: ["web.2", "web.3"], keep: ["web.1"] });
  });

  test("PORT is the app's, else the image's, else 5000", () => {
    const imageEnv = new Map([["PORT", "3000"]]);
    expect(plans({ imageEnv }).start[0]?.port).toBe("3000");
    expect(plans({ imageEnv, app: appOf({}, { PORT: "4000" }) }).start[0]?.port).toBe("4000");
  });

  const published = appOf({ processes: { publish: [{ port: 5000, protocol: "tcp", hostPort: 80 }] } });
  const one = [{ type: "web", quantity: 1 }];

  test("a port of the host has to be freed first, whichever of those that leave holds it", () => {
    const groups = [...one, { type: "worker", quantity: 1 }];
    const there = [standing("worker.1", { hostPorts: [80] })];
    expect(plans({ app: published, groups, running: there }).start.map(({ displaces }) => displaces)).toEqual([
      true,
      false,
    ]);
    const ended = [standing("web.1", { hostPorts: [80], isRunning: false })];
    expect(plans({ app: published, groups: one, running: ended }).start[0]?.displaces).toBe(false);
    expect(plans({ app: published, groups: one, running: [standing("web.1")] }).start[0]?.displaces).toBe(false);
  });

  test("where the host's network is the app's, web makes room for web, and a worker for nobody", () => {
    const groups = [...one, { type: "worker", quantity: 1 }];
    const there = [standing("web.1"), standing("worker.1")];
    const { start } = plans({ app: appOf({ networks: ["host"] }), groups, running: there });
    expect(start.map(({ displaces }) => displaces)).toEqual([true, false]);
  });

  test("two cannot have one port of the host, and none a size that nobody knows", () => {
    const check = (app: DeployApp, group: Partial<ProcessGroup>) => () =>
      checkGroups(app, [{ type: "web", quantity: 1, ...group }]);
    expect(check(published, { quantity: 2 })).toThrow(
      "The port 80 of the host is for one web process only, and there are to be 2",
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

interface Wish {
  readonly settings?: AppSettings;
  readonly env?: Readonly<Record<string, string>>;
  readonly plan?: Partial<ProcessPlan>;
  readonly imageId?: string;
  readonly number?: number;
  readonly procfile?: string;
}

/** The label that a process gets. */
function digest({ settings = {}, env = {}, plan = {}, imageId = "sha256:r", number = 7, procfile = "web: a" }: Wish) {
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

test("is short", () => expect(plain).toMatch(/^[0-9a-f]{16}$/));

test.each<[string, Wish]>([
  ["a volume", { settings: { binds: ["data:/data"] } }],
  ["a mount", { settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false }] } }],
  ["a network", { settings: { networks: ["one"] } }],
  ["a second network", { settings: { networks: ["default", "two"] } }],
  ["a size", { plan: { size: "L" } }],
  ["what a size is", { plan: { size: "S" }, settings: { sizes: new Map([["S", { memory: 1e9 }]]) } }],
  ["a port of the host", processes({ publish: [{ port: 5000, protocol: "tcp", hostPort: 80 }] })],
  ["an entrypoint", { settings: { entrypoint: ["/launch"] } }],
  ["a user", { settings: { user: "app" } }],
  ["a working directory", { settings: { workdir: "/srv" } }],
  ["init", { settings: { init: false } }],
  ["a label", processes({ labels: new Map([["traefik.enable", "true"]]) })],
  ["a restart policy", processes({ restart: { name: "always" } })],
  ["a grace", processes({ stopGrace: 5 })],
  ["its command", { procfile: "web: b" }],
  ["a shell", { settings: { shell: "bash" }, procfile: "web: a | b" }],
  ["its release", { number: 8 }],
])("is another for %s", (_what, wish) => {
  expect(digest(wish)).not.toBe(plain);
  if (wish.plan?.size === "S") expect(digest(wish)).not.toBe(digest({ plan: wish.plan }));
});

test.each<[string, Wish]>([
  ["a variable: it could be guessed from it", { env: { PIN: "1234" } }],
  ["the id of its image, which its release has", { imageId: "sha256:other" }],
  ["what was in its way", { plan: { displaces: true }, settings: {} }],
  ["how long it has to stay up", processes({ healthWait: 1 })],
  ["how long the old ones drain", processes({ drain: 0 })],
])("is the same for %s", (_what, wish) => expect(digest(wish)).toBe(plain));
