import { describe, expect, test } from "vitest";
import type { App } from "../../../src/app/app.ts";
import type { RunOptions } from "../../../src/oneoff/options.ts";
import { oneoffSpec, type TerminalFacts } from "../../../src/oneoff/spec.ts";

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
  words: ["rake", "db:migrate"],
  env: new Map(),
  labels: new Map(),
  detach: false,
  init: true,
  binds: [],
  mounts: [],
};
const terminal: TerminalFacts = { input: "terminal", outputIsTerminal: true, size: { rows: 24, columns: 80 } };
const pipes: TerminalFacts = { input: "stream", outputIsTerminal: false, size: undefined };
const nothing: TerminalFacts = { input: "empty", outputIsTerminal: false, size: undefined };

const spec = (options: Partial<RunOptions>, facts: TerminalFacts) => oneoffSpec(app, { ...plain, ...options }, facts);
const body = (options: Partial<RunOptions>, facts: TerminalFacts) => spec(options, facts).body("run.7364");

/** What every one of them has. */
const common = {
  Image: "registry:5000/my-app:v1",
  Cmd: ["rake", "db:migrate"],
  Env: ["RAILS_ENV=production", "PORT=5000", "DYNO=run.7364"],
  Labels: { "dev.oneoff.app": "my-app", "dev.oneoff.name": "run.7364", "dev.oneoff.kind": "run" },
  Healthcheck: { Test: ["NONE"] },
};

describe("the engine is told, to the letter", () => {
  test("of a command at a terminal", () =>
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

  test("of a command between pipes", () =>
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

  test("of a command with nothing on stdin", () =>
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

  test("of a detached command, at a terminal or not", () => {
    for (const facts of [terminal, pipes, nothing]) {
      expect(body({ detach: true }, facts)).toEqual({
        ...common,
        Tty: false,
        OpenStdin: false,
        StdinOnce: false,
        AttachStdin: false,
        AttachStdout: false,
        AttachStderr: false,
        HostConfig: {
          AutoRemove: true,
          Init: true,
          LogConfig: { Type: "json-file", Config: { "max-size": "5m", "max-file": "2" } },
        },
      });
    }
  });

  test("everything that an option can say", () =>
    expect(
      body(
        {
          words: ["web", "--verbose"],
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
          network: "backend",
          binds: ["/a:/b:ro"],
          mounts: [
            { type: "bind", source: "/src", target: "/dst", readOnly: true },
            { type: "tmpfs", target: "/tmp", readOnly: false },
          ],
          memory: 512 * 1024 * 1024,
          nanoCpus: 1_500_000_000,
        },
        nothing,
      ),
    ).toEqual({
      ...common,
      Cmd: ["bundle", "exec", "puma", "--verbose"],
      Entrypoint: ["tini", "--"],
      Env: [...common.Env, "EMPTY="],
      Labels: { ...common.Labels, team: "a=b", empty: "", "dev.oneoff.process-type": "web" },
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
      },
    }));
});

describe("a terminal is given to the command", () => {
  const given = (facts: Partial<TerminalFacts>, options: Partial<RunOptions> = {}) => {
    const { tty, stdin } = spec(options, { ...terminal, ...facts });
    return { tty, stdin };
  };

  test("exactly when stdin and stdout are both one", () => {
    expect(given({})).toEqual({ tty: true, stdin: true });
    expect(given({ outputIsTerminal: false })).toEqual({ tty: false, stdin: true });
    expect(given({ input: "pipe" })).toEqual({ tty: false, stdin: true });
    expect(given({ input: "stream" })).toEqual({ tty: false, stdin: true });
    expect(given({ input: "empty" })).toEqual({ tty: false, stdin: false });
  });

  test("never with --no-tty, which leaves it stdin", () =>
    expect(given({}, { tty: false })).toEqual({ tty: false, stdin: true }));

  test("with --tty though stdout is none", () =>
    expect(given({ outputIsTerminal: false }, { tty: true })).toEqual({ tty: true, stdin: true }));

  test("with --tty and nothing on stdin, which is then not connected", () =>
    expect(given({ input: "empty" }, { tty: true })).toEqual({ tty: true, stdin: false }));

  test("with --tty when it is detached, without stdin", () =>
    expect(given({ input: "stream" }, { tty: true, detach: true })).toEqual({ tty: true, stdin: false }));

  test.each(["pipe", "stream"] as const)("but not with --tty and a %s, whose end it could not carry", (input) =>
    expect(() => given({ input }, { tty: true })).toThrow(
      expect.objectContaining({ code: "needs-terminal", kind: "usage" }),
    ),
  );

  test("without a size when ours has none", () =>
    expect(body({}, { ...terminal, size: undefined }).HostConfig.ConsoleSize).toBeUndefined());
});

test("a folder for stdin is refused, unless nobody would read it", () => {
  const folder: TerminalFacts = { ...pipes, input: "directory" };
  expect(() => spec({}, folder)).toThrow(expect.objectContaining({ code: "stdin-directory" }));
  expect(spec({ detach: true }, folder).stdin).toBe(false);
});

describe("variables", () => {
  const env = (options: Partial<RunOptions>) => body(options, nothing).Env;

  test("of the app come first, and those of the options win over them in their place", () =>
    expect(
      env({
        env: new Map([
          ["NEW", "1"],
          ["RAILS_ENV", "test"],
        ]),
      }),
    ).toEqual(["RAILS_ENV=test", "PORT=5000", "DYNO=run.7364", "NEW=1"]));

  test("tell the command its own name, unless an option says another", () =>
    expect(env({ env: new Map([["DYNO", "mine"]]) })).toContain("DYNO=mine"));

  test("of an app that has a DYNO of its own are no lie about this one", () => {
    const dyno = { ...app, env: new Map([["DYNO", "web.1"]]) };
    expect(oneoffSpec(dyno, plain, nothing).body("run.7364").Env).toEqual(["DYNO=run.7364"]);
  });
});

test("our own labels win over any that a user could have given", () =>
  expect(body({ labels: new Map([["dev.oneoff.app", "other"]]) }, nothing).Labels["dev.oneoff.app"]).toBe("my-app"));

test("without a command a shell is opened at a terminal, and nowhere else", () => {
  expect(spec({ words: [] }, terminal).command[0]).toBe("sh");
  for (const [options, facts] of [
    [{}, pipes],
    [{}, nothing],
    [{ tty: false }, terminal],
    [{ detach: true }, terminal],
    [{ tty: true }, nothing],
  ] as const) {
    expect(() => spec({ ...options, words: [] }, facts)).toThrow(expect.objectContaining({ code: "no-command" }));
  }
});

test("what else is decided is said beside the body", () =>
  expect(spec({ words: ["web"], name: "mine" }, pipes)).toMatchObject({
    app: "my-app",
    image: "registry:5000/my-app:v1",
    tty: false,
    stdin: true,
    detach: false,
    command: ["bundle", "exec", "puma"],
    processType: "web",
    containerName: "mine",
  }));

test("each name makes a body of its own, the rest of it the same", () => {
  const made = spec({}, nothing);
  const { Env, Labels, ...rest } = made.body("run.1");
  expect(made.body("run.2")).toEqual({
    ...rest,
    Env: Env.map((pair) => pair.replace("run.1", "run.2")),
    Labels: { ...Labels, "dev.oneoff.name": "run.2" },
  });
});
