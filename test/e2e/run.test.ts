import { randomUUID } from "node:crypto";
import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { eventually, oneoffSuite } from "../support/oneoff-suite.ts";
import { install, PATH } from "../support/packages.ts";
import { run } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);
const nowhere = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };

/** An image with every setting, to be kept or replaced. */
const image = `oneoff-e2e-run:${randomUUID()}`;
beforeAll(() =>
  buildImage(
    host,
    image,
    `FROM busybox:local
    COPY entry /bin/entry
    ENV A=image B=image C=image D=image
    WORKDIR /usr
    USER app
    ENTRYPOINT ["entry", "kept"]
    CMD ["echo", "default"]`,
    { entry: '#!/usr/bin/env sh\necho "entry $1"\nshift\nexec "$@"\n' },
  ),
);
afterAll(async () => {
  expect((await api(host).delete(`/images/${image}?force=1`)).status).toBe(200);
});

/** Why there is no docker client, where it cannot be installed. */
const noClient = await install("docker").then(
  () => undefined,
  (error: Error) => error.message,
);

/** Prints each argument of a command in angle brackets. */
const showArguments = ["sh", "-c", 'for word; do printf "<%s>" "$word"; done', "sh"];
const shown = (words: readonly string[]) => words.map((word) => `<${word}>`).join("");

describe("exit codes and output", () => {
  for (const [scope, rows] of quickAndFull([0, 7, 123, 255], 2))
    test.concurrent.each(rows)(
      "exits with %i as its command does, and adds nothing to its output",
      scope,
      async (code) => {
        await using mine = suite.apart();
        expect(await mine.run(["app", "sh", "-c", `echo out; echo err >&2; exit ${code}`])).toEqual({
          code,
          stdout: "out\n",
          stderr: "err\n",
        });
        await mine.gone();
      },
    );

  test.concurrent("keeps stdout and stderr apart, and all 256 bytes unchanged, also on stdin", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { code, stdout, stderr } = await (await suite.start(["app", "sh", "-c", "tee /dev/stderr"], { stdin: bytes }))
      .done;
    expect(stdout).toEqual(bytes);
    expect(stderr).toEqual(bytes);
    expect(code).toBe(0);
  });

  test.concurrent("exits with 128+n, as a shell does, for a command that ends itself by a signal", async () => {
    expect(await suite.run(["app", "sh", "-c", "kill -TERM $$"])).toEqual({ code: 143, stdout: "", stderr: "" });
    expect(await suite.run(["app", "sh", "-c", "kill -KILL $$"])).toEqual({ code: 137, stdout: "", stderr: "" });
  });

  test.concurrent("exits with 137 for a command that exceeds its memory limit (case 34)", needs("limits"), async () => {
    const words = ["--memory", "16m", "app", "dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"];
    expect(await suite.run(words)).toMatchObject({ code: 137, stdout: "" });
  });

  test.concurrent("removes the container after its command, whether that succeeded or failed (case 31)", async () => {
    await using mine = suite.apart();
    for (const code of [0, 1]) {
      expect(await mine.run(["app", "sh", "-c", `exit ${code}`])).toMatchObject({ code });
      await mine.gone();
    }
  });
});

describe("variables", () => {
  const odd = {
    SPACES: "  two  words and a tab\tat both ends ",
    QUOTES: `"double" 'single' \`back\``,
    LINES: "one\ntwo\r\n\nfour\n",
    EQUALS: "a=b==c=",
    EMPTY: "",
    UNICODE: "žluťoučký 🐎 漢字 \u202e",
    SHELL_SYNTAX: "$HOME $(id) ; rm -rf / & * ? \\ \\n #",
    LONG: "x".repeat(100_000),
    "with.dots-and-dashes": "fine",
  };
  const parse = (text: string) =>
    Object.fromEntries(
      text
        .split("\0")
        .filter(Boolean)
        .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );

  test.concurrent("passes values of variables unchanged", async () => {
    const words = Object.entries(odd).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const { code, stdout, stderr } = await suite.run([...words, "app", "env", "-0"]);
    expect(parse(stdout)).toMatchObject(odd);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.concurrent("takes the value of a variable without one from the environment, and does not set it if that has none", async () => {
    const names = Object.keys(odd).flatMap((name) => ["-e", name]);
    const env = { ...odd, NOT_HERE: undefined };
    const { stdout } = await suite.run([...names, "--env=NOT_HERE", "app", "env", "-0"], { env });
    expect(parse(stdout)).toMatchObject(odd);
    expect(parse(stdout)).not.toHaveProperty("NOT_HERE");
  });

  test.concurrent("passes no other variable of the environment to the command", async () => {
    const { stdout } = await suite.run(["app", "env", "-0"], { env: { SECRET_OF_OURS: "1", TERM: "vt100" } });
    // Podman sets "container" in every container, and Podman 4 sets TERM as well.
    const keys = Object.keys(parse(stdout)).filter((key) => key !== "container" && parse(stdout)[key] !== "xterm");
    expect(keys.sort()).toEqual(["DYNO", "HOME", "HOSTNAME", "PATH"]);
  });

  test.concurrent("applies variables of the image, the app, files in their order, and -e, each over the one before", async () => {
    await using dir = await folder({
      "oneoff.yaml": `apps:\n  my-app:\n    image: ${image}\n    env:\n      B: app\n      C: app\n      D: app\n      F: app\n`,
      "one.env": "\uFEFF# a comment\r\n\r\nC=file\r\nD=file\r\nE='quotes stay' # and this\r\nF=file\r\nFROM_US\r\n",
      "two.env": "F=second file\n",
    });
    const words = ["--env-file", "one.env", "--env-file=two.env", "-e", "D=flag", "-e", "G=1", "-eG=2", "my-app"];
    const { code, stdout, stderr } = await suite.runApp(["--entrypoint=", ...words, "env", "-0"], {
      cwd: dir.path,
      env: { FROM_US: "ours" },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(parse(stdout)).toMatchObject({
      A: "image",
      B: "app",
      C: "file",
      D: "flag",
      E: "'quotes stay' # and this",
      F: "second file",
      FROM_US: "ours",
      G: "2",
    });
  });

  test.concurrent("does not add variables of a file to its own environment", async () => {
    await using dir = await folder({ "app.env": "ONLY_IN_FILE='with quotes'\n" });
    // In oneoff's environment the value would have no quotes, and would replace the file's. As with docker, an unset
    // name changes nothing of a file.
    const words = ["--env-file=app.env", "-e", "ONLY_IN_FILE", "app", "env", "-0"];
    const { code, stdout } = await suite.run(words, { cwd: dir.path });
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({ ONLY_IN_FILE: "'with quotes'" });
  });

  test.concurrent("sets the proxies of docker's configuration as variables, as docker run does", {
    tags: ["full"],
  }, async (context) => {
    context.skip(noClient !== undefined, noClient);
    const proxies = { default: { httpProxy: "http://proxy:1", noProxy: "a,b" }, other: { httpProxy: "x" } };
    await using dir = await folder({ "config.json": JSON.stringify({ proxies }) });
    const env = { DOCKER_CONFIG: dir.path, DOCKER_HOST: host, PATH };
    const lines = (text: string) =>
      text
        .split("\n")
        .filter((line) => /proxy/i.test(line))
        .sort();
    for (const words of [[], ["-e", "HTTP_PROXY=mine", "-e", "http_proxy=mine"]]) {
      const { stdout } = await run(["docker", "run", "--rm", ...words, "busybox:local", "env"], { env });
      expect(lines(stdout.toString())).toHaveLength(4);
      expect(lines((await suite.run([...words, "app", "env"], { env })).stdout)).toEqual(lines(stdout.toString()));
    }
  });

  test.concurrent("rejects a bad line of a file with its number and without its value (case 10)", async () => {
    await using dir = await folder({
      "bad.env": "GOOD=1\nexport SECRET=hunter2\n",
      "latin.env": Buffer.from("A=\xe9\n", "latin1"),
    });
    const refused = (file: string) => suite.run(["--env-file", file, "app", "true"], { cwd: dir.path, env: nowhere });
    expect(await refused("bad.env")).toEqual({
      code: 125,
      stdout: "",
      stderr: 'oneoff: bad.env:2: expected "SECRET=", found "export" before it\n  remove "export"\n',
    });
    expect(await refused("latin.env")).toMatchObject({ code: 125, stderr: expect.stringContaining("latin.env") });
    expect(await refused("no.env")).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('--env-file "no.env"'),
    });
  });

  test.concurrent("shows a value that the user did not type on no command line and in no message", async () => {
    await using mine = suite.apart();
    const [fromUs, fromFile] = [`us-${randomUUID()}`, `file-${randomUUID()}`];
    await using dir = await folder({ "secrets.env": `FROM_FILE=${fromFile}\n` });
    const words = ["-e", "FROM_US", "--env-file", join(dir.path, "secrets.env"), "app"];
    // biome-ignore lint/suspicious/noTemplateCurlyInString: for the shell
    const command = ["sh", "-c", "echo ${#FROM_US} ${#FROM_FILE}; read -r line"];
    await using live = await mine.start([...words, ...command], { stdin: "pipe", env: { FROM_US: fromUs } });
    let over = false;
    live.done.then(() => {
      over = true;
    });
    const seen = new Set<string>();
    let lookedAgain = false;
    while (!over) {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)))
        seen.add(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
      // Checked while the command runs, which is then ended.
      if (live.stdout.length > 0 && lookedAgain) live.child.stdin?.end("\n");
      lookedAgain = live.stdout.length > 0;
    }
    const { code, stdout, stderr } = await live.done;
    expect({ code, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      code: 0,
      stdout: `${fromUs.length} ${fromFile.length}\n`,
      stderr: "",
    });
    const lines = [...seen];
    expect(lines.filter((line) => line.includes(mine.label) && line.includes("FROM_US"))).not.toEqual([]);
    expect(lines.filter((line) => line.includes(fromUs) || line.includes(fromFile))).toEqual([]);
  });

  test.concurrent("--print shows the create request without values, and sends nothing", async () => {
    await using place = await folder({ "oneoff.yaml": "apps: {app: {image: busybox:local, procfile: {web: serve}}}" });
    const words = ["--print", "-e", "SECRET=hunter2", "app", "echo", "hi"];
    const { code, stdout, stderr } = await suite.runApp(words, { env: nowhere, cwd: place.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toContain("hunter2");
    expect(JSON.parse(stdout)).toMatchObject({
      app: "app",
      container: { Image: "busybox:local", Cmd: ["echo", "hi"], Env: ["DYNO=***", "SECRET=***"] },
    });
  });
});

describe("arguments of the command", () => {
  test.concurrent("passes several arguments as an argv, without a shell", async () => {
    const words = ["$HOME", "*", "a  b", "", "'q'", '"', "\\", "|", ";", "$(id)", "`id`", "\n", "~", "ž"];
    expect(await suite.run(["app", ...showArguments, ...words])).toEqual({ code: 0, stdout: shown(words), stderr: "" });
  });

  test.concurrent("runs one argument with white space or shell syntax under sh", async () => {
    expect(await suite.run(["app", "printf 'a\\nb\\n' | wc -l && echo $((1 + 1))"])).toEqual({
      code: 0,
      stdout: "2\n2\n",
      stderr: "",
    });
    expect(await suite.run(["app", "exit 9"])).toEqual({ code: 9, stdout: "", stderr: "" });
  });

  test.concurrent("runs one plain argument as a program, without a shell", async () => {
    expect(await suite.run(["-w", "/tmp", "app", "pwd"])).toEqual({ code: 0, stdout: "/tmp\n", stderr: "" });
    expect(await suite.run(["--no-init", "app", "exit"])).toMatchObject({ code: 127, stdout: "" });
  });

  test.concurrent("passes arguments after the app to the command, also oneoff's own options", async () => {
    const words = ["--env", "-e", "X=1", "--help", "--version", "--no-such-option", "-it", "--", "--label", "-"];
    expect(await suite.run(["app", ...showArguments, ...words])).toEqual({ code: 0, stdout: shown(words), stderr: "" });
    expect(await suite.run(["-a", "app", ...showArguments, "-e", "X=1"])).toMatchObject({ stdout: "<-e><X=1>" });
    expect(await suite.run(["--app=app", "--", ...showArguments, "--"])).toMatchObject({ stdout: "<-->" });
  });

  test.concurrent("passes options of Node to the command", {
    tags: ["full"],
  }, async () => {
    const words = ["--env-file=/no/such/file", "--env-file", "/no/such/file", "--inspect", "--eval=1", "--v8-options"];
    expect(await suite.run(["app", ...showArguments, ...words])).toEqual({ code: 0, stdout: shown(words), stderr: "" });
  });

  test.concurrent("runs the command of a process type, with further arguments appended", async () => {
    await using dir = await folder({
      "oneoff.yaml": `apps:
  my-app:
    image: busybox:local
    procfile:
      plain: printf '<%s>' "a  b" c#d # and this is a comment
      shell: printf '<%s>' one && printf '[%s]' "$DYNO" two
`,
    });
    const run = (...words: string[]) => suite.runApp(["my-app", ...words], { cwd: dir.path });
    expect(await run("plain")).toEqual({ code: 0, stdout: "<a  b><c#d>", stderr: "" });
    expect(await run("plain", "$HOME", "e  f")).toEqual({ code: 0, stdout: "<a  b><c#d><$HOME><e  f>", stderr: "" });
    expect(await run("shell", "$HOME", "e  f")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^<one>\[run\.\d{4,}\]\[two\]\[\$HOME\]\[e {2}f\]$/),
    });
  });

  test.concurrent("suggests a process type if a command of a similar name is not found", async () => {
    const manifest = "apps: {my-app: {image: busybox:local, procfile: {worker: ./work}}}";
    await using dir = await folder({ "oneoff.yaml": manifest });
    for (const init of ["--init", "--no-init"]) {
      const { code, stderr } = await suite.runApp([init, "my-app", "wroker"], { cwd: dir.path });
      expect(code).toBe(127);
      expect(stderr).toMatch(/; did you mean the process type worker\?\n {2}oneoff run .* my-app worker\n$/);
    }
    const shell = ["--entrypoint", "sh -c '$0'", "my-app", "wroker"];
    const { code, stderr } = await suite.runApp(shell, { cwd: dir.path });
    expect(code).toBe(127);
    expect(stderr).toMatch(/\n.*"wroker" exited with 127 .*; did you mean: oneoff run .* my-app worker\n$/);
  });

  test.concurrent("reads a Procfile relative to its manifest, also from a folder below", async () => {
    await using dir = await folder({
      "oneoff.yaml": "apps:\n  my-app:\n    image: busybox:local\n    procfile: config/Procfile\n",
      "config/Procfile": "# what runs\nweb: echo web\r\ngreet: echo 'hello there'\n",
      "further/down/x": "",
    });
    const cwd = join(dir.path, "further/down");
    expect(await suite.runApp(["my-app", "greet", "you"], { cwd })).toEqual({
      code: 0,
      stdout: "hello there you\n",
      stderr: "",
    });
    expect(await suite.runApp(["my-app", "echo", "greet"], { cwd })).toMatchObject({ stdout: "greet\n" });
  });

  test.concurrent("requires a command when there is no terminal", async () => {
    expect(await suite.run(["app"], { env: nowhere })).toEqual({
      code: 125,
      stdout: "",
      stderr: "oneoff: No command, and no terminal for a shell\n  oneoff run app ls -lah\n",
    });
  });
});

describe("container of a one-off", () => {
  test.concurrent("sets labels of the user beside oneoff's own, which cannot be overridden", async () => {
    await using mine = suite.apart();
    const words = ["--label", "a.b=c=d e", "-l", "empty", "--name", `named-${randomUUID()}`, "my-app", "cat"];
    await using live = await mine.start(words, { stdin: "pipe" });
    const { Config, Name } = await mine.running();
    const [label, id] = mine.label.split("=") as [string, string];
    expect(Config.Labels).toMatchObject({
      "a.b": "c=d e",
      empty: "",
      [label]: id,
      "dev.oneoff.app": "my-app",
      "dev.oneoff.kind": "run",
      "dev.oneoff.name": expect.stringMatching(/^run\.\d{4,}$/),
    });
    expect(Name).toBe(`/${words[5]}`);
    live.child.stdin?.end();
    await live.done;
    for (const key of ["dev.oneoff.app", "com.dokku.app-name", "org.label-schema.name"]) {
      expect(await suite.run(["--label", `${key}=1`, "app", "true"], { env: nowhere })).toMatchObject({
        code: 125,
        stderr: expect.stringMatching(/^oneoff: --label: ".*" begins with ".*", which is reserved\n/),
      });
    }
  });

  test.concurrent("derives the container's name from the app, and sets DYNO to its suffix", async () => {
    await using mine = suite.apart();
    await using live = await mine.start(["my-app", "sh", "-c", "echo $DYNO; cat"], { stdin: "pipe" });
    const { Config, Name } = await mine.running();
    live.child.stdin?.end();
    const dyno = (await live.done).stdout.toString().trim();
    expect(dyno).toMatch(/^run\.\d{4}$/);
    expect(Name).toBe(`/my-app.${dyno}`);
    expect(Config.Labels).toMatchObject({ "dev.oneoff.name": dyno });
  });

  test.concurrent("keeps the image's entrypoint, user and folder", async () => {
    expect(await suite.run(["--image", image, "app", "sh", "-c", "id -un; pwd; echo $HOME $A"])).toEqual({
      code: 0,
      stdout: "entry kept\napp\n/usr\n/app image\n",
      stderr: "",
    });
  });

  test.concurrent("replaces the image's entrypoint, user and folder, or removes the entrypoint", async () => {
    const look = ["app", "sh", "-c", "id -u; id -g; pwd"];
    const options = ["--image", image, "--user", "12:34", "--workdir=/made/here"];
    expect(await suite.run([...options, "--entrypoint", "entry 'of  ours'", ...look])).toEqual({
      code: 0,
      stdout: "entry of  ours\n12\n34\n/made/here\n",
      stderr: "",
    });
    expect(await suite.run([...options, "--entrypoint", "", ...look])).toEqual({
      code: 0,
      stdout: "12\n34\n/made/here\n",
      stderr: "",
    });
  });

  test.concurrent("--network joins the network of that name", async () => {
    await using mine = suite.apart();
    const network = `oneoff-e2e-${randomUUID()}`;
    const made = await api(host).post("/networks/create", { Name: network });
    expect(made.status).toBe(201);
    try {
      await using live = await mine.start(["--network", network, "app", "cat"], { stdin: "pipe" });
      const { NetworkSettings } = await mine.running();
      expect(Object.keys(NetworkSettings.Networks)).toEqual([network]);
      live.child.stdin?.end();
      expect((await live.done).code).toBe(0);
      await mine.gone();
    } finally {
      expect((await api(host).delete(`/networks/${made.body.Id}`)).status).toBe(204);
    }
    expect(await suite.run(["--network", "none", "app", "ls", "/sys/class/net"])).toMatchObject({ stdout: "lo\n" });
    expect(await suite.run(["--network", network, "app", "true"])).toMatchObject({
      code: 125,
      stdout: "",
      stderr: expect.stringContaining(network),
    });
  });

  test.concurrent("--volume mounts a local path, also a relative one, and read-only on request", async () => {
    await using dir = await folder({ "data/file": "content\n" });
    const data = join(dir.path, "data");
    // The root user of a container is another user on the host where the engine is rootless.
    await chmod(data, 0o777);
    expect(
      await suite.run(["-v", `${data}:/here`, "-v", "./data:/there:ro", "app", "cat", "/here/file", "/there/file"], {
        cwd: dir.path,
      }),
    ).toEqual({
      code: 0,
      stdout: "content\ncontent\n",
      stderr: "",
    });
    expect(await suite.run([`--volume=${data}:/data:ro`, "app", "sh", "-c", "echo x >/data/new"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Read-only file system"),
    });
    expect(await suite.run(["-v", `${data}:/data`, "app", "sh", "-c", "echo new >/data/new"])).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(data, "new"), "utf8")).toBe("new\n");
  });

  test.concurrent("keeps a named volume after its one-off, and removes an anonymous one", async () => {
    await using mine = suite.apart();
    const name = `oneoff-e2e-${randomUUID()}`;
    const words = ["-v", `${name}:/named`, "-v", "/anonymous", "app", "sh", "-c", "echo kept >/named/file; cat"];
    await using live = await mine.start(words, { stdin: "pipe" });
    const { Mounts } = await mine.running();
    const anonymous = Mounts.find(({ Destination }: { Destination: string }) => Destination === "/anonymous").Name;
    live.child.stdin?.end();
    expect((await live.done).code).toBe(0);
    await mine.gone();
    try {
      await eventually(async () => expect((await api(host).get(`/volumes/${anonymous}`)).status).toBe(404));
      const read = ["--mount", `source=${name},target=/again,readonly`, "app", "cat", "/again/file"];
      expect(await mine.run(read)).toEqual({ code: 0, stdout: "kept\n", stderr: "" });
      await mine.gone();
    } finally {
      expect((await api(host).delete(`/volumes/${name}`)).status).toBe(204);
    }
  });

  test.concurrent("--mount binds a path, or a file system in memory", async () => {
    await using dir = await folder({ file: "content\n" });
    const words = [
      "--mount",
      `type=bind,source=${dir.path},target=/data,readonly`,
      "--mount",
      "type=tmpfs,dst=/scratch",
    ];
    const look = "cat /data/file; grep -c '^tmpfs /scratch tmpfs' /proc/mounts; echo x >/data/file";
    expect(await suite.run([...words, "app", "sh", "-c", look])).toMatchObject({
      code: 1,
      stdout: "content\n1\n",
      stderr: expect.stringContaining("Read-only file system"),
    });
  });

  const missing = "refuses a bind mount without a source, names its path, and leaves nothing (case 5)";
  test.concurrent(missing, needs("bind sources"), async () => {
    await using mine = suite.apart();
    const mount = "type=bind,source=/no/such/path,target=/x";
    const { code, stdout, stderr } = await mine.run(["--mount", mount, "app", "true"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(/^oneoff: .*\/no\/such\/path/);
    await mine.gone();
  });

  test.concurrent.each([":/volume", "relative:target", "/a:b"])(
    "refuses the volume %j before anything happens (case 4)",
    async (volume) => {
      expect(await suite.run(["--volume", volume, "app", "true"], { env: nowhere })).toMatchObject({
        code: 125,
        stdout: "",
        stderr: expect.stringMatching(/^oneoff: Invalid --volume "[^"]*": expected SOURCE:TARGET/),
      });
    },
  );

  const limited = "limits memory and CPUs, disables logging, and runs no health check";
  test.concurrent(limited, needs("kept limits"), async () => {
    await using mine = suite.apart();
    await using live = await mine.start(["-m", "64m", "--cpus", "0.5", "app", "cat"], { stdin: "pipe" });
    const { Config, HostConfig } = await mine.running();
    expect(HostConfig).toMatchObject({
      Memory: 64 * 1024 * 1024,
      NanoCpus: 500_000_000,
      AutoRemove: true,
      Init: true,
      LogConfig: { Type: "none" },
      RestartPolicy: { Name: expect.stringMatching(/^(no)?$/) },
      PortBindings: {},
    });
    expect(Config).toMatchObject({ Tty: false, OpenStdin: true, Healthcheck: { Test: ["NONE"] } });
    live.child.stdin?.end();
    expect((await live.done).code).toBe(0);
  });

  test.concurrent("runs an init as PID 1 unless it is disabled", async () => {
    const stdout = expect.stringMatching(/^(docker|podman)-init\n$/);
    expect(await suite.run(["app", "cat", "/proc/1/comm"])).toEqual({ code: 0, stdout, stderr: "" });
    expect(await suite.run(["--init", "app", "cat", "/proc/1/comm"])).toMatchObject({ stdout });
    expect(await suite.run(["--no-init", "app", "cat", "/proc/1/comm"])).toEqual({
      code: 0,
      stdout: "cat\n",
      stderr: "",
    });
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["--init", 0],
      ["--no-init", 1],
    ],
    1,
  ))
    test.concurrent.each(rows)("with %s, an orphan that has ended leaves %i zombies", scope, async (init, zombies) => {
      // The orphan ends as a child of `cat`, which reaps nothing.
      const count = "(sleep 1; cat /proc/[0-9]*/status | grep -c '^State:.Z') & exec cat";
      await using live = await suite.start([init, "app", "sh", "-c", `(sleep 0.1 &); ${count}`], { stdin: "pipe" });
      await eventually(() => expect(live.stdout.toString()).toBe(`${zombies}\n`));
      live.child.stdin?.end();
      expect((await live.done).code).toBe(0);
    });
});

describe("--detach", () => {
  for (const [scope, rows] of quickAndFull(
    [
      ["run", "--detach"],
      ["run:detached", "--quiet"],
      ["run", "-dq"],
    ],
    2,
  ))
    test.concurrent.each(rows)(
      "%s %s prints only the id on stdout and returns while the command runs, so that $(…) ends",
      scope,
      async (command, option) => {
        await using mine = suite.apart();
        const script = `shift 2; id=$(${JSON.stringify(mine.argv([])[0])} ${command} ${option} "$@"); printf "[%s]" "$id"`;
        const { code, stdout, stderr } = await mine.bash(script, ["app", "sleep", "600"]);
        expect(code).toBe(0);
        expect(stdout).toMatch(/^\[[0-9a-f]{64}\]$/);
        const id = stdout.slice(1, -1);
        const told = "(run\\.\\d{4}) is running in the background; follow it with: oneoff logs --follow \\1\n";
        expect(stderr).toMatch(new RegExp(`^${option === "--detach" ? told : ""}$`));
        const { Id, HostConfig } = await mine.running();
        expect(Id).toBe(id);
        expect(HostConfig.LogConfig.Type).toBe(inject("engine").name === "podman" ? "json-file" : "local");
      },
    );

  test.concurrent("logs prints the output of a detached one-off until it ends, and --retain 0 removes it then", async () => {
    await using mine = suite.apart();
    const until = "while [ ! -e /tmp/end ]; do sleep 0.1; done";
    const { stdout } = await mine.run(
      ["-d", "--retain", "0", "app", "sh", "-c", `echo out; echo err >&2; cat; ${until}`],
      {
        stdin: "not for it",
      },
    );
    const id = stdout.trim();
    const logs = async () => (await api(host).get(`/containers/${id}/logs?stdout=1&stderr=1`)).bytes.toString();
    await eventually(async () => expect(await logs()).toMatch(/^(?=.*out\n)(?=.*err\n)(?!.*not for it)/s));
    const exec = await api(host).post(`/containers/${id}/exec`, { Cmd: ["touch", "/tmp/end"] });
    expect((await api(host).post(`/exec/${exec.body.Id}/start`, { Detach: true })).status).toBe(200);
    await mine.gone();
  });

  test.concurrent("--detach reports a command that cannot be started, and leaves nothing", async () => {
    await using mine = suite.apart();
    expect(await mine.run(["--detach", "--no-init", "app", "no-such-command"])).toMatchObject({
      code: 127,
      stdout: "",
      stderr: expect.stringMatching(/^oneoff: .*no-such-command/),
    });
    await mine.gone();
  });
});

describe("errors of run", () => {
  test("exits with 127 at once for a missing entrypoint, and leaves nothing (case 3)", async () => {
    await using mine = suite.apart();
    const words = ["--no-init", "--entrypoint", "/no/such/entrypoint", "app", "true"];
    expect(await mine.run(words)).toEqual({
      code: 127,
      stdout: "",
      stderr: expect.stringMatching(
        /^oneoff: .*["`]\/no\/such\/entrypoint["`].*no such file or directory.*\n {2}check .*\n$/i,
      ),
    });
    await mine.gone();
  });

  describe.each(["--no-init", "--init"])("with %s", (option) => {
    for (const [scope, rows] of quickAndFull(
      [
        ["not found", "no-such-command", 127],
        ["not executable", "/etc/passwd", 126],
        ["a folder", "/etc", 126],
        ["below a file", "/bin/sh/x", 126],
      ],
      2,
    ))
      test.concurrent.each(rows)(
        "a command that is %s (%s) exits with %i, is named in one line, and leaves nothing (case 31)",
        scope,
        async (_what, command, code) => {
          await using mine = suite.apart();
          const stderr = expect.stringMatching(new RegExp(`^oneoff: .*${command}.*\n {2}check .*\n$`));
          expect(await mine.run([option, "app", command, "word"])).toEqual({ code, stdout: "", stderr });
          await mine.gone();
        },
      );

    test.concurrent("exits with 126 for a variable that is too large for Linux, and prints its size", async () => {
      await using mine = suite.apart();
      await using files = await folder({ env: `LARGE=${"x".repeat(140_000)}\n` });
      expect(await mine.run([option, "--env-file", join(files.path, "env"), "app", "true"])).toEqual({
        code: 126,
        stdout: "",
        stderr: expect.stringMatching(
          /^oneoff: true: argument list too long \(the variable LARGE has 140006 bytes .*\)\n {2}pass the data in a file .*\n$/i,
        ),
      });
      await mine.gone();
    });
  });

  test.concurrent("treats output that resembles an error of the init as the command's if there is more, or another exit code", {
    tags: ["full"],
  }, async () => {
    const line = "[FATAL tini (7)] exec nope failed: No such file or directory\n";
    const script = (more: string) => `printf '%s\\n' '${line.trim()}' >&2; ${more}`;
    expect(await suite.run(["app", "sh", "-c", script("exit 3")])).toEqual({ code: 3, stdout: "", stderr: line });
    expect(await suite.run(["app", "sh", "-c", script("echo more >&2; exit 1")])).toEqual({
      code: 1,
      stdout: "",
      stderr: `${line}more\n`,
    });
  });

  const mounts = "exits with 125, as docker run does, for a mount whose source is missing or of another type";
  test.concurrent(mounts, needs("bind sources"), async (context) => {
    context.skip(noClient !== undefined, noClient);
    await using mine = suite.apart();
    for (const words of [
      ["--mount", "type=bind,source=/no/such/folder,target=/x"],
      ["-v", "/etc/passwd:/etc"],
    ]) {
      const options = { env: { DOCKER_HOST: host, PATH } };
      const docker = await run(["docker", "run", "--rm", ...words, "busybox:local", "true"], options);
      const { code } = await mine.run([...words, "app", "true"]);
      expect([docker.code, code]).toEqual([125, 125]);
    }
    await mine.gone();
  });

  test.concurrent("reports a folder that cannot be entered with 125 or the engine's own code, and leaves nothing", async () => {
    await using mine = suite.apart();
    const { code, stdout, stderr } = await mine.run(["--workdir", "/etc/passwd", "app", "true"]);
    expect([125, 126, 127]).toContain(code);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^oneoff: .*\/etc\/passwd/);
    await mine.gone();
  });

  test.concurrent("exits with 125 for a missing image, and prints a command that works", async () => {
    const { code, stdout, stderr } = await suite.run(["--image", "no-such:image", "app", "true"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(/^oneoff: Image "no-such:image" not found locally; use --pull to pull it\n {2}oneoff run /);
    // oneoff's options end at the app: after it, --pull would be the command.
    expect(stderr.split("\n")[1]).toMatch(/--pull.* app\b/);
  });

  test.concurrent("--pull keeps an image that exists, and rejects an unknown policy (case 12)", async () => {
    expect(await suite.run(["--pull", "app", "echo", "hi"])).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
    expect(await suite.run(["--pull=never", "app", "echo", "hi"])).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
    expect(await suite.run(["--pull=sometimes", "app", "true"], { env: nowhere })).toMatchObject({
      code: 125,
      stdout: "",
    });
  });

  test.concurrent("exits with 125 and the engine's reason when a pull fails, with nothing on stdout (case 12)", async () => {
    const { code, stdout, stderr } = await suite.run(["--pull", "--image", "localhost:1/no/such:image", "app", "true"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(/^oneoff: .*localhost:1/m);
  });

  test.concurrent("exits with 125 for an unknown app, and lists the known ones and the most similar one", async () => {
    await using dir = await folder({
      "oneoff.yaml": "apps:\n  web:\n    image: busybox:local\n  worker:\n    image: busybox:local\n",
    });
    const { code, stdout, stderr } = await suite.runApp(["workr", "true"], { cwd: dir.path });
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(
      /^oneoff: No such app "workr"\n[\s\S]*\nknown apps: (.*, )?web, worker(, .*)?\nDid you mean worker\?\n {2}oneoff run worker …\n$/,
    );
  });

  test.concurrent("runs an image tagged oneoff/<app>:latest as an app", async () => {
    const app = `released-${randomUUID()}`;
    const tag = `oneoff/${app}`;
    expect((await api(host).post(`/images/${image}/tag?repo=${tag}&tag=latest`)).status).toBe(201);
    await using dir = await folder();
    try {
      expect(await suite.runApp([app, "sh", "-c", "echo $A"], { cwd: dir.path })).toEqual({
        code: 0,
        stdout: "entry kept\nimage\n",
        stderr: "",
      });
      expect(await suite.runApp([`${app}x`, "true"], { cwd: dir.path })).toMatchObject({
        code: 125,
        stderr: expect.stringContaining(`Did you mean ${app}?`),
      });
    } finally {
      expect((await api(host).delete(`/images/${tag}:latest`)).status).toBe(200);
    }
  });

  test.concurrent("exits with 125 for a name that is in use, and keeps its container", async () => {
    await using mine = suite.apart();
    const name = `taken-${randomUUID()}`;
    await using live = await mine.start(["--name", name, "app", "cat"], { stdin: "pipe" });
    const { Id } = await mine.running();
    expect(await suite.run(["--name", name, "app", "true"])).toEqual({
      code: 125,
      stdout: "",
      stderr: `oneoff: Container "${name}" already exists\n  use another --name, or remove --name\n`,
    });
    expect((await mine.running()).Id).toBe(Id);
    live.child.stdin?.end("still here");
    expect((await live.done).stdout.toString()).toBe("still here");
  });

  test.concurrent("reuses a name as soon as the one-off before it was removed", {
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    const name = `again-${randomUUID()}`;
    for (const round of ["1", "2", "3"]) {
      expect(await mine.run(["--name", name, "app", "echo", round])).toEqual({
        code: 0,
        stdout: `${round}\n`,
        stderr: "",
      });
      await mine.gone();
    }
  });

  test.concurrent.each(["--env", "--label", "--volume", "--mount"])(
    "rejects %s with an empty value",
    async (option) => {
      expect(await suite.run([option, "", "app", "true"], { env: nowhere })).toMatchObject({
        code: 125,
        stdout: "",
        stderr: expect.stringMatching(new RegExp(`^oneoff: (Invalid )?${option}`)),
      });
    },
  );

  test.concurrent.each([
    [["--tty", "--no-tty"], "--tty and --no-tty cannot be used together"],
    [["--init", "--no-init"], "--init and --no-init cannot be used together"],
    [["--memory", "lots"], 'Invalid --memory "lots": expected a size such as 512m or 2g'],
    [["--cpus", "-1"], 'Invalid --cpus "-1": expected a number of processors such as 0.5 or 2'],
    [
      ["--detach-keys", "ctrl-9"],
      'Invalid --detach-keys "ctrl-9": expected single characters, ctrl-<letter> or DEL, found "ctrl-9"',
    ],
    [["--mount", "type=bind,target=/x"], 'Invalid --mount "type=bind,target=/x": expected a source for a bind mount'],
    [["--labl", "a=b"], 'Unknown option "--labl"; did you mean --label?'],
    [["-e", "=x"], "--env: expected NAME=VALUE or NAME, found no name"],
  ])("rejects %j before the first request to the engine (case 10)", async (options, problem) => {
    const { code, stdout, stderr } = await suite.run([...options, "app", "true"], { env: nowhere });
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr.split("\n")[0]).toBe(`oneoff: ${problem}`);
  });
});
