import { describe, expect, test } from "vitest";
import { cli } from "../../src/cli/program.ts";
import { versionLine } from "../../src/version.ts";
import { lists } from "../support/deployed.ts";
import { type FakeWorld, fakeContext } from "../support/fake-context.ts";
import { fakeEngine } from "../support/fake-engine.ts";
import { folder } from "../support/folder.ts";

const tell = async (argv: readonly string[], world: FakeWorld = {}) => {
  const context = fakeContext(world);
  const code = await cli(argv, context);
  return { code, out: context.terminal.out, err: context.terminal.err };
};

/** The create request. @param known whether oneoff.yaml has the app. */
const asked = async (argv: readonly string[], world: FakeWorld = {}, known = false) => {
  const engine = await fakeEngine();
  lists(engine, known ? 0 : 1, []);
  if (known) void engine.on("GET /images/oneoff/app:latest/json", 404, { message: "No such image" });
  const create = engine.on("POST /containers/create", 400, { message: "enough" });
  expect(await tell(argv, { ...world, engine })).toEqual({ code: 125, out: "", err: "oneoff: enough\n" });
  return (await create).body;
};

const words = (line: string) => line.split(" ");

test.each(["version", "--version", "-V"])("prints the version for %s", async (line) =>
  expect(await tell(words(line))).toEqual({ code: 0, out: `${versionLine()}\n`, err: "" }),
);

test("prints the platform with the version", () =>
  expect(versionLine()).toBe(
    `oneoff from source (Node ${process.versions.node}, ${process.platform}-${process.arch})`,
  ));

test.each([
  ["--help", ""],
  ["-h", ""],
  ["help", ""],
  ["help run", "run --help"],
  ["run -h", "run --help"],
  ["run --quiet --help my-app", "run --help"],
  ["--help run my-app", "run --help"],
  ["run:detached -h", "help run:detached"],
])("prints help for %s", async (line, other) => {
  const { code, out, err } = await tell(words(line));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toBe((await tell(words(other).filter(Boolean))).out);
});

describe("create request", () => {
  test.each([
    [["-e", '"A=1"'], '"A=1"'],
    [["-e", "'A=1'"], "'A=1'"],
    [["--env=`A=1`"], "`A=1`"],
    [["-e", 'A="1"'], 'A="1"'],
    [["-e", "A="], "A="],
    [["-eA=\n b \n"], "A=\n b \n"],
    [["-e=A=b=c"], "A=b=c"],
    [["-e", "A=--quiet"], "A=--quiet"],
    [["-e", "a.b-c=$d"], "a.b-c=$d"],
    [["-e", "N=0x10"], "N=0x10"],
    [["-e", "__proto__=x"], "__proto__=x"],
    [["-e", "A=naïve 😀"], "A=naïve 😀"],
    [["-e", "HOME"], "HOME=/home/me"],
  ])("passes a variable unchanged: %j", async (options, pair) => {
    const { Env } = await asked(["run", ...options, "--image", "i", "app", "cmd"], { env: { HOME: "/home/me" } });
    expect(Env).toEqual([expect.stringMatching(/^DYNO=run\.\d{4}$/), pair]);
  });

  test.each([
    ["--user", '"root"', { User: '"root"' }],
    ["--user", "007", { User: "007" }],
    ["--user", "true", { User: "true" }],
    ["-w", '"', { WorkingDir: '"' }],
    ["-w", "/a b", { WorkingDir: "/a b" }],
    ["--image", "'i'", { Image: "'i'" }],
    ["--entrypoint", "'a b'", { Entrypoint: ["a b"] }],
    ["--entrypoint", '"a b"', { Entrypoint: ["a b"] }],
    ["--label", '"k=v"', { Labels: expect.objectContaining({ '"k': 'v"' }) }],
    ["--label", "k=0x10", { Labels: expect.objectContaining({ k: "0x10" }) }],
    ["--network", "1e3", { HostConfig: expect.objectContaining({ NetworkMode: "1e3" }) }],
    ["--volume", "'/a':/b", { HostConfig: expect.objectContaining({ Binds: ["'/a':/b"] }) }],
  ])("passes an option unchanged: %s %j", async (option, value, part) =>
    expect(await asked(["run", "--image", "i", option, value, "app", "cmd"])).toMatchObject(part),
  );

  test("passes any arguments of the command unchanged", async () => {
    const given = ["echo", "", " a ", "a\nb", "'q'", '"q"', "\\", "$HOME", "*", "-e", "--", "--help", "é😀"];
    expect((await asked(["run", "--image", "i", "app", ...given])).Cmd).toEqual(given);
    expect((await asked(["run", "--image", "i", "-a", "app", "--", ...given])).Cmd).toEqual(given);
  });

  test("uses the last value of an option that cannot be repeated", async () => {
    const line = "--image a --user 1 run --user 2 --image b -u 3 -m 1g -m 2g -e A=1 -e B=1 -e A=2 app cmd";
    const body = await asked(words(line));
    expect(body).toMatchObject({ Image: "b", User: "3", HostConfig: { Memory: 2 * 1024 ** 3 } });
    expect(body.Env.slice(1)).toEqual(["A=2", "B=1"]);
  });

  test("sets the name of the container on request", async () => {
    const engine = await fakeEngine();
    lists(engine, 1, []);
    const create = engine.on("POST /containers/create", 400, { message: "enough" });
    await tell(words("run --image i --name a --name b app cmd"), { engine });
    expect((await create).query).toEqual({ name: "b" });
  });

  test("keeps the order of files and flags", async () => {
    await using place = await folder({ "a.env": "A=a\nB=a\n", "b.env": "B=b\nC=b\n" });
    const line = "run --image i --env-file a.env -e C=flag --env-file b.env app cmd";
    const body = await asked(words(line), { cwd: place.path });
    expect(body.Env.slice(1)).toEqual(["A=a", "B=b", "C=flag"]);
  });
});

test("uses the nearest oneoff.yaml from a folder of any depth", async () => {
  await using place = await folder({
    "oneoff.yaml": "apps: {app: {image: far, procfile: Procfile}}",
    Procfile: "job: ./job --fast",
    "a/oneoff.yaml": "apps: {app: {image: near, procfile: {x: y}}}",
    "a/b/c/none": "",
    "x/y/none": "",
  });
  const root = place.path;
  expect((await asked(words("run app job"), { root, cwd: `${root}/a/b/c` }, true)).Image).toBe("near");
  const far = await asked(words("run app job"), { root, cwd: `${root}/x/y` }, true);
  expect(far).toMatchObject({ Image: "far", Cmd: ["./job", "--fast"] });
  const named = await asked(words("run --config ../../oneoff.yaml app job"), { root, cwd: `${root}/a/b` }, true);
  expect(named).toMatchObject({ Image: "far", Cmd: ["./job", "--fast"] });
});

describe("exit codes", () => {
  test.each([
    [125, "run"],
    [125, "run --no-such-option app cmd"],
    [125, "--no-such-option run app cmd"],
    [125, "run:detached --no-such-option app cmd"],
    [125, "run --image i app cmd"],
    [2, "no-such-command"],
    [2, "--no-such-option"],
    [2, "version --no-such-option"],
    [2, "help --no-such-option"],
    // A name of a command after the app is no command of oneoff.
    [2, "no-such-command run"],
    [2, "version --no-such-option run"],
    [2, "- run app cmd"],
    [2, "help no-such-command"],
    // Nothing was done: for a script that is a failure.
    [2, "--quiet"],
    [2, "--app app"],
    [2, "-- run app cmd"],
  ])("exits with %i for %j", async (code, line) => {
    const told = await tell(words(line));
    expect(told).toEqual({ code, out: "", err: expect.stringMatching(/^oneoff: ./) });
  });
});

// `--image "$IMAGE"`: a variable that a script forgot to set must not be ignored silently.
describe("empty value", () => {
  test.each([
    ["--image", []],
    ["--config", []],
    ["--env", []],
    ["--env-file", []],
    ["--label", []],
    ["--volume", []],
    ["--mount", []],
    ["--memory", ["--image", "i"]],
    ["--cpus", ["--image", "i"]],
  ])("rejects an empty value: %s ''", async (option, more) => {
    await using place = await folder({ "oneoff.yaml": "apps: {app: {image: i}}" });
    // An accepted value would print the request.
    const told = await tell(["run", ...more, "--print", option, "", "app", "cmd"], { cwd: place.path });
    expect(told).toEqual({ code: 125, out: "", err: expect.stringContaining(option) });
    expect(await tell(["run", ...more, "--print", `${option}=`, "app", "cmd"], { cwd: place.path })).toEqual(told);
    // The option is tried last as well as before others.
    expect(await tell(["run", option, "", ...more, "--print", "app", "cmd"], { cwd: place.path })).toEqual(told);
  });
});

test.each([
  ["run --image i --pull=\x1b[2J app cmd"],
  ["run --image i --mount \x1b[2J=x,target=/x app cmd"],
  ["run --image i --env-file \x1b[2J.env app cmd"],
  ["run --config \x1b[2J.yaml app cmd"],
  ["run --image i --host \x1b[2J app cmd"],
  ["run --image i --host /\x1b[2J.sock app cmd"],
  ["run --image i --\x1b[2J app cmd"],
  ["run --image i --label \x1b[2J\t app cmd"],
  ["run \x1b[2J cmd"],
  ["\x1b[2J"],
])("escapes control characters in the error of %j", async (line) => {
  const { err } = await tell(words(line));
  expect(err).toMatch(/^oneoff: ./);
  expect(err.replaceAll("\n", "")).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
});

describe("bug in oneoff", () => {
  const broken = (): never => {
    throw new TypeError("nobody thought of that");
  };
  const err = expect.stringMatching(
    /^oneoff: Bug in oneoff: TypeError: nobody thought of that \(at [^\n]+\)\n {2}report the bug/,
  );

  test("reports a bug in oneoff with 125 for a command that runs another", async () => {
    const context = { ...fakeContext(), exists: broken };
    expect(await cli(["run", "app", "cmd"], context)).toBe(125);
    expect(context.terminal.err).toEqual(err);
  });

  test("reports a bug in oneoff with 1 for other commands", async () => {
    const context = fakeContext();
    const { terminal } = context;
    expect(await cli(["help"], { ...context, terminal: { ...terminal, size: broken } })).toBe(1);
    expect(terminal.err).toEqual(err);
  });
});

test("keeps no state between two calls", async () => {
  const lines = [
    "",
    "run -e A=1 -e B=2 --print --image i app cmd",
    "run --print --image i app cmd",
    "run --help",
    "run --print --memory 1g --tty --no-init --image i app cmd",
    "run --no-such-option",
    "version",
    "help",
  ];
  const all = async () => {
    const told = [];
    for (const line of lines) told.push(await tell(words(line).filter(Boolean)));
    return told;
  };
  const [first, second] = [await all(), await all()];
  expect(second).toEqual(first);
  expect(await Promise.all(lines.map((line) => tell(words(line).filter(Boolean))))).toEqual(first);
  expect(await all()).toEqual(first);
});
