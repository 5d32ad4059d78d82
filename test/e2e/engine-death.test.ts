import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { deployPlace } from "../support/deploy-place.ts";
import { api, containers } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { heldEngine } from "../support/held-engine.ts";
import { ended, eventually, type Oneoffs, oneoffSuite, oneoffs, said, see } from "../support/oneoff-suite.ts";
import { run, type StartedProcess } from "../support/process.ts";

const isPodman = inject("engine").name === "podman";

const heard = (live: StartedProcess, text: string) => eventually(() => expect(live.stdout.toString()).toContain(text));

const LOST = "oneoff: The connection to the engine was lost, the exit code is unknown; ";
const lost = (end: string) =>
  new RegExp(`^${LOST}app\\.run\\.\\d{4} ${end}\\n {2}oneoff attach app\\.run\\.\\d{4}\\n$`);

const LABEL = "test.oneoff=death";

/** Podman calls a container that exited stopped. */
const inDockersWords = (container: string) => container.replace(/ stopped$/, " exited");

/** Output may arrive before the engine has acknowledged the start. In ms. */
const ACKNOWLEDGED = 500;

describe("engine that is killed", needs("its own"), () => {
  let engine: TestEngine;
  let mine: Oneoffs;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
    mine = oneoffs(engine.host, LABEL);
  });
  /**
   * Podman's containers continue without it. Docker calls a container dead that it cannot unmount on its return, and
   * keeps it.
   */
  const over = async () => {
    if (isPodman) return void (await mine.running());
    await eventually(async () => {
      const left = (await containers(engine.host, LABEL)).map(({ State }) => State);
      expect(left.filter((state) => state !== "dead")).toEqual([]);
    });
  };
  afterEach(async () => {
    const answers = await api(engine.host)
      .get("/_ping")
      .catch(() => undefined);
    if (!answers) await engine.restart();
    await mine[Symbol.asyncDispose]();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test("exits with 125 and all output when the engine is killed while the command runs (case 43)", async () => {
    await using live = await mine.start(["app", "sh", "-c", "echo out; echo err >&2; sleep 600"], { stdin: "pipe" });
    await heard(live, "out\n");
    await eventually(() => expect(live.stderr.toString()).toBe("err\n"));
    await sleep(ACKNOWLEDGED);
    await engine.kill("SIGKILL");
    const { code, stdout, stderr } = await said(live);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "out\n" });
    expect(stderr.slice("err\n".length)).toMatch(lost("may still be running"));
    await engine.restart();
    await over();
  });

  test("restores a raw terminal, and prints a readable message, when the engine is killed (case 43)", {
    tags: ["full"],
  }, async () => {
    const odd = 'stty erase ^H -ixon tab3; stty -g; exec "$@"';
    await using pty = await mine.ptyBash(odd, ["-q", "app", "sh", "-c", "echo ready; sleep 600"]);
    const before = (await see(pty, /[0-9a-f:]{40,}\r\n/)).trim();
    await see(pty, "ready");
    await sleep(ACKNOWLEDGED);
    await engine.kill("SIGKILL");
    expect(await ended(pty)).toEqual({ code: 125, signal: null });
    expect(pty.output).toMatch(
      /oneoff: The connection to the engine was lost.*\r\n {2}oneoff attach app\.run\.\d{4}\r\n$/,
    );
    expect((await run(["stty", "-g", "-F", pty.slave])).stdout.toString().trim()).toBe(before);
    await engine.restart();
    await over();
  });

  test("exits with 125 and how to start the engine when it refuses connections", async () => {
    await engine.kill("SIGKILL");
    const { code, stdout, stderr } = await mine.run(["app", "true"]);
    await engine.restart();
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    const socket = engine.host.slice("unix://".length);
    expect(stderr).toBe(
      `oneoff: Cannot reach the engine at ${socket}: connection refused\n  sudo systemctl start docker\n`,
    );
  });

  test("exits with 130 at the third ^C when the engine hangs", { tags: ["full"] }, async () => {
    await using live = await mine.start(["app", "sh", "-c", "echo ready; sleep 600"]);
    await heard(live, "ready");
    await sleep(ACKNOWLEDGED);
    await engine.kill("SIGSTOP");
    try {
      for (let times = 0; times < 3; times++) {
        live.child.kill("SIGINT");
        await sleep(500);
      }
      const still = sleep(20_000).then(() => "still running");
      expect(await Promise.race([said(live).then(({ code }) => code), still])).toBe(130);
    } finally {
      await engine.kill("SIGCONT");
    }
    await mine.gone();
  });

  test("detaches from a TTY with 0 when the engine hangs", async () => {
    await using pty = await mine.pty(["-q", "app", "sh", "-c", "echo ready; exec sleep 600"]);
    await see(pty, "ready");
    await sleep(ACKNOWLEDGED);
    await engine.kill("SIGSTOP");
    try {
      pty.write("\x10\x11");
      expect(await ended(pty)).toEqual({ code: 0, signal: null });
    } finally {
      await engine.kill("SIGCONT");
    }
  });
});

describe("engine that restarts", { ...needs("its own"), tags: ["full"] }, () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test("restarts each deployed process with its engine, except those that were stopped", async () => {
    const worker = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
    await using here = await deployPlace(engine.host, {
      files: { Procfile: `web: sleep 600\nworker: ${worker}\nclock: ${worker}\n` },
      yaml: "formation: {worker: 1, clock: 1}\n",
    });
    await here.deployed();
    await here.deployed("--force");
    expect((await here.oneoff("ps:stop", here.app, "clock")).code).toBe(0);
    const after = ["clock.1 exited", "web.1 running", "worker.1 running"];
    await engine.restart();
    await eventually(async () => expect((await here.containers()).map(inDockersWords)).toEqual(after));

    const fix = `oneoff start ${here.app}`;
    expect((await here.oneoff("ps", here.app)).stderr).toContain(`clock: 0 of 1 running (${fix})\n`);
    const { stdout, stderr } = await here.oneoff("apps");
    expect(stdout).toMatch(new RegExp(`^${here.app} .* clock 0/1\\b`, "m"));
    expect(stderr).toContain(`  ${fix}\n`);
    expect((await here.oneoff("doctor")).stdout).toMatch(
      new RegExp(`^warn +processes +${here.app}: clock: 0 of 1 running\\n +${fix}$`, "m"),
    );
    // Docker treats containers that it ends on its return from a kill as stopped on purpose.
    await engine.kill("SIGKILL");
    await engine.restart();
    expect((await here.containers()).map(inDockersWords)).toContain("clock.1 exited");
    expect((await here.oneoff("start", here.app)).code).toBe(0);
    expect((await here.oneoff("ps", here.app)).stderr).toBe("");
  });

  test("logs --follow prints every line of a process once across a restart of its engine", async () => {
    const web = "trap 'echo ending; exit 0' TERM; echo started; while :; do sleep 0.1; done";
    await using here = await deployPlace(engine.host, { files: { Procfile: `web: ${web}\n` } });
    await here.deployed();
    await using live = await here.begin("logs", "--follow", here.app);
    await heard(live, "started");
    await engine.restart();
    const text = () => live.stdout.toString();
    await eventually(() => expect(text()).toBe("web.1  | started\nweb.1  | ending\nweb.1  | started\n"));
    const id = await here.running(/web\.1$/);
    expect((await api(engine.host).post(`/containers/${id}/restart`)).status).toBe(204);
    await eventually(() => expect(text().match(/started|ending/g)).toHaveLength(5));
    live.child.kill("SIGINT");
    expect((await said(live)).code).toBe(130);
  });
});

describe("engine with live restore", {
  ...needs("its own", "live restore"),
  tags: ["full"],
}, () => {
  let engine: TestEngine;
  let keeps: boolean;
  beforeAll(async () => {
    engine = await startEngine({ liveRestore: true });
    await baseImage(engine.host);
    // Older engines remove an auto-remove container at their end, even if it still runs (moby#46308).
    keeps = isPodman || Number((await api(engine.host).get("/version")).body.ApiVersion.split(".")[1]) >= 44;
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test.each([
    ["restarted at once", true],
    ["not restarted", false],
  ])("exits with 125 and the state of the container when its engine is killed and %s", async (what, atOnce) => {
    await using mine = oneoffs(engine.host, `test.oneoff=${what.replaceAll(" ", "-")}`);
    await using live = await mine.start(["app", "sh", "-c", "echo ready; sleep 600"]);
    await heard(live, "ready");
    const { Id, Name } = await mine.running();
    await sleep(ACKNOWLEDGED);
    await engine.kill("SIGKILL");
    if (atOnce) await engine.restart();
    const { code, stdout, stderr } = await said(live);
    if (!atOnce) await engine.restart();
    expect({ code, stdout }).toEqual({ code: 125, stdout: "ready\n" });
    expect(stderr).toContain(Name.slice(1));
    if (!atOnce) expect(stderr).toMatch(lost("may still be running"));
    else if (keeps) expect(stderr).toMatch(lost("is still running"));
    else expect(stderr).toBe(`${LOST}${Name.slice(1)} has exited\n`);
    if (keeps) {
      expect((await mine.running()).Id).toBe(Id);
      expect((await api(engine.host).post(`/containers/${Id}/kill`)).status).toBe(204);
    }
    await mine.gone();
  });
});

describe("broken connection", () => {
  const host = inject("engineHost");
  const suite = oneoffSuite(host);

  test.concurrent.each([
    ["the container is being created", "request", /^POST \/v[\d.]+\/containers\/create/],
    ["the container has been created", "answer", /^HTTP\/1\.1 201/],
    ["oneoff attaches", "request", /^POST \/v[\d.]+\/containers\/\w+\/attach/],
    ["oneoff begins to wait", "request", /^POST \/v[\d.]+\/containers\/\w+\/wait/],
    ["the command is being started", "request", /^POST \/v[\d.]+\/containers\/\w+\/start/],
    ["the command has been started", "answer", /^HTTP\/1\.1 204/],
  ] as const)("exits with 125 when the connection breaks while %s", async (what, side, pattern) => {
    await using mine = suite.apart();
    const engine = await heldEngine(host);
    const hold = engine.hold(side, pattern);
    await using live = await mine.start(["app", "sleep", "1"], { env: { DOCKER_HOST: engine.host } });
    await hold.reached;
    await engine[Symbol.asyncDispose]();
    const { code, stdout, stderr } = await said(live);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(/^oneoff: Cannot reach the engine at .*\n$/m);
    // oneoff knows the container only by the lost answer, and cannot remove it.
    if (what.startsWith("oneoff") || what.startsWith("the command"))
      expect(stderr).toMatch(/^oneoff: warning: cannot remove app\.run\.\d{4}: /);
  });
});

describe("invalid engine", () => {
  const suite = oneoffs("unix:///nonexistent", "test.oneoff=nothing");
  const refused = async (host: string) => {
    const { code, stdout, stderr } = await suite.run(["--host", host, "app", "true"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    return stderr;
  };
  const NAMED = "oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST";
  const HOW = `start the engine, or set its address: ${NAMED}`;

  test.concurrent("exits with 125 and how to name an engine when the socket does not exist", async () => {
    const stderr = `oneoff: Cannot reach the engine at /no/such.sock: no such socket\n  ${HOW}\n`;
    expect(await refused("unix:///no/such.sock")).toBe(stderr);
    expect(await refused("/no/such.sock")).toBe(stderr);
  });

  test.concurrent("refuses an address of an unknown kind", async () => {
    const expected = "expected unix:///path/to/docker.sock, tcp://host[:port] or ssh://[user@]host";
    expect(await refused("fd://3")).toBe(`oneoff: Invalid --host "fd://3": ${expected}\n  ${NAMED}\n`);
    expect(await suite.run(["app", "true"], { env: { DOCKER_HOST: "box" } })).toEqual({
      code: 125,
      stdout: "",
      stderr: `oneoff: Invalid DOCKER_HOST "box": ${expected}\n  ${NAMED}\n`,
    });
  });

  test.concurrent("reports a socket path that is a file, a folder, or another program's socket", async () => {
    await using dir = await folder({ file: "" });
    expect(await refused(`${dir.path}/file`)).toContain(`Cannot reach the engine at ${dir.path}/file: not a socket\n`);
    expect(await refused(dir.path)).toContain(`Cannot reach the engine at ${dir.path}: `);
  });

  test.skipIf(process.getuid?.() !== 0)("reports a socket without permission, and how to get it", async () => {
    const script = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';
    const { code, stdout, stderr } = await suite.bash(script, ["app", "true"], {
      env: { DOCKER_HOST: inject("engineHost") },
    });
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(
      /^oneoff: Cannot reach the engine at .*: permission denied(: only the group "docker" may use the socket\n {2}sudo usermod|\n {2}run oneoff as root)/,
    );
  });

  test.concurrent.each([
    ["closes the connection without an answer", ""],
    ["speaks another protocol", "220 mail.example ESMTP\r\n"],
    ["is a web server", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<h1>Hello</h1>"],
    ["is a proxy without an engine", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 11\r\n\r\nno upstream"],
    ["stops in the middle", 'HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{"Id":'],
  ])("exits with 125 when the program behind the socket %s", async (what, answer) => {
    await using dir = await folder();
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer));
    });
    await new Promise<void>((listening) => server.listen(`${dir.path}/socket`, listening));
    try {
      const stderr = await refused(`${dir.path}/socket`);
      expect(stderr).toMatch(/^oneoff: (?!Bug in oneoff)/);
      if (what.includes("proxy")) expect(stderr).toContain("no upstream");
    } finally {
      server.close();
    }
  });
});
