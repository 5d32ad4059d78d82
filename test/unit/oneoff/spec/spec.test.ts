import { describe, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { NO_LABELS } from "../../../../src/identity/ownership.ts";
import type { ContainerCopy } from "../../../../src/oneoff/apps/copy.ts";
import type { RunOptions } from "../../../../src/oneoff/spec/options.ts";
import { buildSpec, type RunFacts } from "../../../../src/oneoff/spec/spec.ts";

const app: App = {
  name: "my-app",
  from: "oneoff.yaml",
  image: "registry:5000/my-app:v1",
  env: new Map([
    ["RAILS_ENV", "production"],
    ["PORT", "5000"],
  ]),
  procfile: new Map([["web", "bundle exec puma"]]),
  settings: {},
};
const plain: RunOptions = {
  args: ["rake", "db:migrate"],
  env: new Map(),
  labels: new Map(),
  detach: false,
  init: true,
  binds: [],
  mounts: [],
};
const who = { owner: "here:1" };
const terminal: RunFacts = { input: "terminal", outputIsTerminal: true, size: { rows: 24, columns: 80 }, ...who };
const pipes: RunFacts = { input: "stream", outputIsTerminal: false, size: undefined, ...who };
const nothing: RunFacts = { input: "empty", outputIsTerminal: false, size: undefined, ...who };

const spec = (options: Partial<RunOptions>, facts: RunFacts) => buildSpec(app, { ...plain, ...options }, facts);
const body = (options: Partial<RunOptions>, facts: RunFacts) => spec(options, facts).body("run.7364");

/** The common part of all bodies. */
const common = {
  Image: "registry:5000/my-app:v1",
  Cmd: ["rake", "db:migrate"],
  Env: ["RAILS_ENV=production", "PORT=5000", "DYNO=run.7364"],
  Labels: {
    ...NO_LABELS,
    "dev.oneoff.container": "my-app.run.7364",
    "dev.oneoff.app": "my-app",
    "dev.oneoff.name": "run.7364",
    "dev.oneoff.kind": "run",
    "dev.oneoff.command": "rake db:migrate",
    "dev.oneoff.owner": "here:1",
  },
  Healthcheck: { Test: ["NONE"] },
};

describe("the create request", () => {
  test("creates a command at a terminal", () =>
    expect(body({}, terminal)).toEqual({
      ...common,
      Tty: true,
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { AutoRemove: true, Init: true, LogConfig: { Type: "none" }, ConsoleSize: [24, 80] },
    }));

  test("creates a command between pipes", () =>
    expect(body({}, pipes)).toEqual({
      ...common,
      Tty: false,
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { AutoRemove: true, Init: true, LogConfig: { Type: "none" } },
    }));

  test("creates a command without stdin", () =>
    expect(body({}, nothing)).toEqual({
      ...common,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { AutoRemove: true, Init: true, LogConfig: { Type: "none" } },
    }));

  test("creates a detached command, at a terminal or not", () => {
    for (const facts of [terminal, pipes, nothing]) {
      expect(body({ detach: true }, facts)).toEqual({
        ...common,
        // A day from the next full second on, and retention for another day.
        Labels: { ...common.Labels, "dev.oneoff.timeout": "86400", "dev.oneoff.retain": "86400" },
        Tty: false,
        OpenStdin: false,
        StdinOnce: false,
        AttachStdin: false,
        AttachStdout: false,
        AttachStderr: false,
        HostConfig: {
          AutoRemove: false,
          Init: true,
          LogConfig: { Type: "local", Config: { "max-size": "3m", "max-file": "20", compress: "false" } },
        },
      });
    }
  });

  test("creates a command with all options", () =>
    expect(
      body(
        {
          args: ["web", "--verbose"],
          env: new Map([["EMPTY", ""]]),
          labels: new Map([
            ["team", "a=b"],
            ["empty", ""],
          ]),
          init: false,
          tty: false,
          workdir: "/srv",
          user: "1000:1000",
          entrypoint: ["tini", "--"],
          name: "mine",
          networks: ["backend"],
          binds: ["/a:/b:ro"],
          mounts: [
            { type: "bind", source: "/src", target: "/dst", readOnly: true },
            { type: "tmpfs", target: "/tmp", readOnly: false },
          ],
          memory: 512 * 1024 * 1024,
          nanoCpus: 1_500_000_000,
          pidsLimit: 100,
          timeout: 600,
          onDisconnect: "keep",
        },
        nothing,
      ),
    ).toEqual({
      ...common,
      Cmd: ["bundle", "exec", "puma", "--verbose"],
      Entrypoint: ["tini", "--"],
      Env: [...common.Env, "EMPTY="],
      Labels: {
        ...common.Labels,
        ...{ team: "a=b", empty: "", "dev.oneoff.container": "mine" },
        "dev.oneoff.command": "bundle exec puma --verbose",
        "dev.oneoff.process-type": "web",
        "dev.oneoff.timeout": "600",
        "dev.oneoff.on-disconnect": "keep",
      },
      User: "1000:1000",
      WorkingDir: "/srv",
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: {
        AutoRemove: true,
        Init: false,
        LogConfig: { Type: "none" },
        NetworkMode: "backend",
        Binds: ["/a:/b:ro"],
        Mounts: [
          { Type: "bind", Source: "/src", Target: "/dst", ReadOnly: true },
          { Type: "tmpfs", Target: "/tmp", ReadOnly: false },
        ],
        Memory: 536_870_912,
        NanoCpus: 1_500_000_000,
        PidsLimit: 100,
      },
    }));
});

describe("TTY and stdin", () => {
  const stdioOf = (facts: Partial<RunFacts>, options: Partial<RunOptions> = {}) => {
    const { tty, stdin } = spec(options, { ...terminal, ...facts });
    return { tty, stdin };
  };

  test("allocates a TTY if stdin and stdout are terminals", () => {
    expect(stdioOf({})).toEqual({ tty: true, stdin: true });
    expect(stdioOf({ outputIsTerminal: false })).toEqual({ tty: false, stdin: true });
    expect(stdioOf({ input: "pipe" })).toEqual({ tty: false, stdin: true });
    expect(stdioOf({ input: "stream" })).toEqual({ tty: false, stdin: true });
    expect(stdioOf({ input: "empty" })).toEqual({ tty: false, stdin: false });
  });

  test("allocates no TTY with --no-tty and forwards stdin", () =>
    expect(stdioOf({}, { tty: false })).toEqual({ tty: false, stdin: true }));

  test("allocates a TTY with --tty without a terminal on stdout", () =>
    expect(stdioOf({ outputIsTerminal: false }, { tty: true })).toEqual({ tty: true, stdin: true }));

  test("forwards no stdin with --tty and an empty stdin", () =>
    expect(stdioOf({ input: "empty" }, { tty: true })).toEqual({ tty: true, stdin: false }));

  test("allocates a TTY without stdin with --tty and --detach", () =>
    expect(stdioOf({ input: "stream" }, { tty: true, detach: true })).toEqual({ tty: true, stdin: false }));

  test.each(["pipe", "stream"] as const)("refuses --tty with a %s on stdin, since a TTY cannot carry EOF", (input) =>
    expect(() => stdioOf({ input }, { tty: true })).toThrow(
      expect.objectContaining({ code: "needs-terminal", kind: "usage" }),
    ),
  );

  test("sets no size when the terminal has none", () =>
    expect(body({}, { ...terminal, size: undefined }).HostConfig.ConsoleSize).toBeUndefined());
});

test("refuses a directory on stdin unless detached", () => {
  const folder: RunFacts = { ...pipes, input: "directory" };
  expect(() => spec({}, folder)).toThrow(expect.objectContaining({ code: "stdin-directory" }));
  expect(spec({ detach: true }, folder).stdin).toBe(false);
});

describe("variables", () => {
  const env = (options: Partial<RunOptions>) => body(options, nothing).Env;

  test("puts variables of options after the app's and replaces them in place", () =>
    expect(
      env({
        env: new Map([
          ["NEW", "1"],
          ["RAILS_ENV", "test"],
        ]),
      }),
    ).toEqual(["RAILS_ENV=test", "PORT=5000", "DYNO=run.7364", "NEW=1"]));

  test("sets DYNO to the one-off's name unless an option sets it", () =>
    expect(env({ env: new Map([["DYNO", "mine"]]) })).toContain("DYNO=mine"));

  test("replaces a DYNO of the app", () => {
    const dyno = { ...app, env: new Map([["DYNO", "web.1"]]) };
    expect(buildSpec(dyno, plain, nothing).body("run.7364").Env).toEqual(["DYNO=run.7364"]);
  });
});

test("does not let options replace labels of oneoff", () =>
  expect(body({ labels: new Map([["dev.oneoff.app", "other"]]) }, nothing).Labels["dev.oneoff.app"]).toBe("my-app"));

test("opens a shell without a command at a terminal only", () => {
  expect(spec({ args: [] }, terminal).command[0]).toBe("sh");
  // A user may attach to it later.
  expect(spec({ args: [], detach: true, tty: true }, nothing).command[0]).toBe("sh");
  for (const [options, facts] of [
    [{}, pipes],
    [{}, nothing],
    [{ tty: false }, terminal],
    [{ detach: true }, terminal],
    [{ tty: true }, nothing],
  ] as const) {
    expect(() => spec({ ...options, args: [] }, facts)).toThrow(expect.objectContaining({ code: "no-command" }));
  }
});

describe("the timeout", () => {
  const described = { ...app, settings: { run: { timeout: 60 } } };
  const timeout = (options: Partial<RunOptions>, of: App = app) => {
    const made = buildSpec(of, { ...plain, ...options }, nothing);
    return [made.timeout, made.body("run.1").Labels["dev.oneoff.timeout"]];
  };

  test("sets no timeout when attached", () => expect(timeout({})).toEqual([undefined, ""]));
  test("sets a timeout of a day when detached", () => expect(timeout({ detach: true })).toEqual([86_400, "86400"]));
  test("uses the app's timeout, attached or detached", () => {
    expect(timeout({}, described)).toEqual([60, "60"]);
    expect(timeout({ detach: true }, described)).toEqual([60, "60"]);
  });
  test("prefers the timeout of an option", () => {
    expect(timeout({ timeout: 1 }, described)).toEqual([1, "1"]);
    expect(timeout({ timeout: 1, detach: true }, described)).toEqual([1, "1"]);
  });
});

describe("retention", () => {
  const kept = (options: Partial<RunOptions>) => {
    const { HostConfig, Labels } = body(options, nothing);
    return [HostConfig.AutoRemove, Labels["dev.oneoff.retain"]];
  };

  test("removes an attached one-off on exit, whatever the retention", () => {
    expect(kept({})).toEqual([true, ""]);
    expect(kept({ retain: 60 })).toEqual([true, ""]);
  });
  test("keeps a detached one-off for a day", () => expect(kept({ detach: true })).toEqual([false, "86400"]));
  test("keeps a detached one-off as long as requested", () =>
    expect(kept({ detach: true, retain: 60 })).toEqual([false, "60"]));
  test("removes a detached one-off without retention on exit", () =>
    expect(kept({ detach: true, retain: 0 })).toEqual([true, "0"]));
});

test("labels a one-off with its lock", () => {
  const lock = { key: "migrate", onConflict: "wait" } as const;
  expect(spec({ lock }, nothing).lock).toEqual(lock);
  expect(body({ lock }, nothing).Labels["dev.oneoff.lock"]).toBe("migrate");
  expect(body({}, nothing).Labels["dev.oneoff.lock"]).toBe("");
});

test("keeps stdin of a detached one-off with a TTY open", () =>
  expect(body({ tty: true, detach: true }, pipes)).toMatchObject({
    ...{ Tty: true, OpenStdin: true, StdinOnce: false, AttachStdin: false, AttachStdout: false, AttachStderr: false },
  }));

test("masks secrets in the command's label, not in the command", () => {
  const secret = { ...app, env: new Map([["API_TOKEN", "hunter2hunter2"]]) };
  const made = buildSpec(secret, { ...plain, args: ["curl", "-u", "me:hunter2hunter2"] }, nothing);
  expect(made.command).toEqual(["curl", "-u", "me:hunter2hunter2"]);
  expect(made.shownCommand).not.toContain("hunter2");
  expect(made.body("run.1").Labels["dev.oneoff.command"]).toBe(made.shownCommand);
});

describe("copying a container", () => {
  const copy: ContainerCopy = {
    ...{ source: "id", sourceName: "web", image: "sha256:image", env: [] },
    ...{ user: "1000", workingDir: "/srv", entrypoint: ["/entry"], networks: ["front", "back"] },
    hostConfig: {
      ...{ ShmSize: 1, CapAdd: ["CAP_NET_ADMIN"], Binds: ["a:/a", "b:/b:ro"] },
      Mounts: [{ Type: "volume", Source: "c", Target: "/c", ReadOnly: false }],
    },
  };
  const copied = (of: Partial<App> = {}, options: Partial<RunOptions> = {}, from = copy) =>
    buildSpec({ ...app, ...of }, { ...plain, ...options }, nothing, from);
  const bodyOf = (...stdioOf: Parameters<typeof copied>) => copied(...stdioOf).body("run.1");

  test("copies the stop signal and timeout", () => {
    const from = { ...copy, stopSignal: "SIGINT", stopTimeout: 60 };
    expect(bodyOf({}, {}, from)).toMatchObject({ StopSignal: "SIGINT", StopTimeout: 60 });
    expect(copied({}, {}, from).stopTimeout).toBe(60);
  });

  test("removes variables that the container removes from its image, unless set", () => {
    const from = { ...copy, env: ["PORT=5000", "LANG", "TERM", "TZ", "DYNO"] };
    const options = { env: new Map([["TERM", "dumb"]]), unset: ["TZ"] };
    const { Env } = common;
    expect(bodyOf({}, options, from).Env).toEqual([...Env.slice(0, 2), "DYNO=run.1", "TERM=dumb", "LANG", "TZ"]);
  });

  test("copies limits unless an option sets them", () => {
    const from = { ...copy, hostConfig: { Memory: 64, MemorySwap: 128, PidsLimit: 9, OomScoreAdj: 100 } };
    const limits = ({ HostConfig: { Memory, MemorySwap, PidsLimit, OomScoreAdj } }: ReturnType<typeof bodyOf>) => [
      ...[Memory, MemorySwap, PidsLimit, OomScoreAdj],
    ];
    expect(limits(bodyOf({}, {}, from))).toEqual([64, 128, 9, 100]);
    expect(copied({}, {}, from).memory).toBe(64);
    expect(limits(bodyOf({}, { size: "S", pidsLimit: 5 }, from))).toEqual([2 ** 28, undefined, 5, 100]);
  });

  test("copies settings that nothing else sets", () => {
    expect(bodyOf()).toMatchObject({
      ...{ User: "1000", WorkingDir: "/srv", Entrypoint: ["/entry"] },
      HostConfig: {
        ...{ ShmSize: 1, CapAdd: ["CAP_NET_ADMIN"], NetworkMode: "front", Binds: ["a:/a", "b:/b:ro"] },
        Mounts: [{ Type: "volume", Source: "c", Target: "/c", ReadOnly: false }],
      },
    });
    expect(copied().moreNetworks).toEqual([{ network: "back", links: [] }]);
  });

  test("copies the absence of an init unless one is requested", () => {
    const { init: _, ...unsaid } = plain;
    const initOf = (settings: App["settings"], options: RunOptions) =>
      buildSpec({ ...app, settings }, options, nothing, { ...copy, init: false }).body("run.1").HostConfig.Init;
    expect(initOf({}, unsaid)).toBe(false);
    expect(initOf({ init: true }, unsaid)).toBe(true);
    expect(initOf({}, { ...unsaid, init: true })).toBe(true);
  });

  test("prefers oneoff.yaml to the container, and options to both", () => {
    const settings = { user: "yaml", workdir: "/yaml", entrypoint: ["yaml"], networks: ["yaml", "more"] };
    const yaml = copied({ settings });
    expect(yaml.body("run.1")).toMatchObject({
      ...{ User: "yaml", WorkingDir: "/yaml", Entrypoint: ["yaml"], HostConfig: { NetworkMode: "yaml", ShmSize: 1 } },
    });
    expect(yaml.moreNetworks).toEqual([{ network: "more", links: [] }]);
    const requested = copied({ settings }, { user: "me", workdir: "/me", entrypoint: ["me"], networks: ["mine"] });
    expect(requested.body("run.1")).toMatchObject({
      ...{ User: "me", WorkingDir: "/me", Entrypoint: ["me"], HostConfig: { NetworkMode: "mine", ShmSize: 1 } },
    });
    expect(requested.moreNetworks).toEqual([]);
  });

  test("replaces the container's mount at a path in either form", () =>
    expect(
      bodyOf(
        { settings: { binds: ["yaml:/c"], mounts: [{ type: "tmpfs", target: "/a", readOnly: false }] } },
        { binds: ["mine:/b"] },
      ).HostConfig,
    ).toMatchObject({
      Binds: ["mine:/b", "yaml:/c"],
      Mounts: [{ Type: "tmpfs", Target: "/a", ReadOnly: false }],
    }));

  test("does not copy settings of the container's image", () => {
    const body = bodyOf({}, {}, { ...copy, user: "", workingDir: "", entrypoint: null });
    expect(body).not.toHaveProperty("User");
    expect(body).not.toHaveProperty("WorkingDir");
    expect(body).not.toHaveProperty("Entrypoint");
  });
});

test("returns the other decisions along with the body", () =>
  expect(spec({ args: ["web"], name: "mine" }, pipes)).toMatchObject({
    app: "my-app",
    image: "registry:5000/my-app:v1",
    tty: false,
    stdin: true,
    detach: false,
    command: ["bundle", "exec", "puma"],
    processType: "web",
    containerName: "mine",
  }));

test("differs in bodies only by the name", () => {
  const made = spec({}, nothing);
  const { Env, Labels, ...rest } = made.body("run.1");
  expect(made.body("run.2")).toEqual({
    ...rest,
    Env: Env.map((pair) => pair.replace("run.1", "run.2")),
    Labels: { ...Labels, "dev.oneoff.container": "my-app.run.2", "dev.oneoff.name": "run.2" },
  });
});

describe("an image of buildpacks", () => {
  const launcher = {
    ...({ kind: "cnb", isDirect: true } as const),
    processes: new Map([["worker", "rake jobs:work"]]),
  };
  const launched: App = { ...app, procfile: new Map(), launcher };
  const from: ContainerCopy = {
    ...{ source: "id", sourceName: "web", image: "sha256:image", env: [], user: "", workingDir: "", networks: [] },
    ...{ entrypoint: ["/cnb/process/web"], hostConfig: {} },
  };
  const commandOf = (options: Partial<RunOptions>, of: Partial<App> = {}, copy = from) => {
    const { Entrypoint, Cmd, Labels } = buildSpec({ ...launched, ...of }, { ...plain, ...options }, nothing, copy).body(
      "run.1",
    );
    return [Entrypoint, Cmd, Labels["dev.oneoff.command"]];
  };
  const LAUNCHER = ["/cnb/lifecycle/launcher"];

  test("labels a one-off of herokuish, since the engine does not list its variables", () => {
    const launcherOf = (kind: "cnb" | "herokuish") =>
      buildSpec({ ...launched, launcher: { ...launcher, kind } }, plain, nothing).body("run.1").Labels[
        "dev.oneoff.launcher"
      ];
    expect([launcherOf("herokuish"), launcherOf("cnb")]).toEqual(["herokuish", undefined]);
  });

  test("starts the command with the launcher", () =>
    expect(commandOf({ args: ["echo", "a b"] })).toEqual([LAUNCHER, ["--", "echo", "a b"], "echo 'a b'"]));

  test("starts a process type of the build with its own entrypoint", () =>
    expect(commandOf({ args: ["worker", "-v"] })).toEqual([["/cnb/process/worker"], ["-v"], "rake jobs:work -v"]));

  test("prefers a process type of oneoff.yaml", () =>
    expect(commandOf({ args: ["worker"] }, { procfile: new Map([["worker", "mine"]]) })).toEqual([
      LAUNCHER,
      ["--", "mine"],
      "mine",
    ]));

  test("starts a phase with the launcher", () =>
    expect(
      commandOf({ args: ["rake x"], phase: { name: "release", argv: ["sh", "-c", "rake x"] } }).slice(0, 2),
    ).toEqual([LAUNCHER, ["--", "sh", "-c", "rake x"]]));

  test.each<[what: string, options: Partial<RunOptions>, of: Partial<App>, entrypoint: string[]]>([
    ["an option", { entrypoint: ["env"] }, {}, ["env"]],
    ["oneoff.yaml", {}, { settings: { entrypoint: ["env"] } }, ["env"]],
    ["the container", {}, {}, ["/entry"]],
  ])("replaces the launcher by an entrypoint of %s", (what, options, of, entrypoint) => {
    const copy = what === "the container" ? { ...from, entrypoint } : from;
    expect(commandOf({ ...options, args: ["ls"] }, of, copy)).toEqual([entrypoint, ["ls"], "ls"]);
  });
});

test("removes a variable from all sources", () =>
  expect(body({ unset: ["RAILS_ENV", "LANG"] }, pipes).Env).toEqual([
    "PORT=5000",
    "DYNO=run.7364",
    "RAILS_ENV",
    "LANG",
  ]));

describe("a requested ENTRYPOINT without a command", () => {
  test.each([terminal, pipes])("runs the ENTRYPOINT alone: %j", (facts) =>
    expect(body({ args: [], entrypoint: ["sh"] }, facts)).toMatchObject({ Entrypoint: ["sh"], Cmd: [] }),
  );

  test("refuses an empty ENTRYPOINT without a command", () => {
    for (const facts of [pipes, terminal]) {
      expect(() => body({ args: [], entrypoint: [""] }, facts)).toThrow("No command: --entrypoint");
    }
  });
});
