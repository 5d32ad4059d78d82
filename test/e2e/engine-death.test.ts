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

/** Podman calls what has ended stopped. */
const inDockersWords = (container: string) => container.replace(/ stopped$/, " exited");

/** A command may be heard before the engine has acknowledged its start. In ms. */
const ACKNOWLEDGED = 500;

describe("an engine that is killed", needs("its own"), () => {
  let engine: TestEngine;
  let mine: Oneoffs;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
    mine = oneoffs(engine.host, LABEL);
  });
  /**
   * Podman's containers do not need it: there it lives on, as was told. One that Docker comes back to and cannot unmount it
   * calls dead, and lets be.
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

  test("while the command runs is 125 with what is known, and all that was written before has come (case 43)", async () => {
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

  test("while a terminal is raw leaves it as it was, and the message readable (case 43)", {
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

  test("and is still down refuses connections: 125, and how to start it", async () => {
    await engine.kill("SIGKILL");
    const { code, stdout, stderr } = await mine.run(["app", "true"]);
    await engine.restart();
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    const socket = engine.host.slice("unix://".length);
    expect(stderr).toBe(
      `oneoff: Cannot reach the engine at ${socket}: connection refused\n  sudo systemctl start docker\n`,
    );
  });

  test("hangs: the third ^C leaves with 130 all the same", { tags: ["full"] }, async () => {
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

  test("hangs: the detach keys leave a terminal with 0 all the same", async () => {
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

describe("an engine that restarts", { ...needs("its own"), tags: ["full"] }, () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test("starts each deployed process again, but for those that were stopped on purpose", async () => {
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
    expect((await here.oneoff("ps", here.app)).stderr).toContain(`clock: 0 of 1 running; start it: ${fix}\n`);
    const { stdout, stderr } = await here.oneoff("apps");
    expect(stdout).toMatch(new RegExp(`^${here.app} .* clock: 0 of 1 running `, "m"));
    expect(stderr).toContain(`  ${fix}\n`);
    expect((await here.oneoff("doctor")).stdout).toMatch(
      new RegExp(`^warn +processes +${here.app}: clock: 0 of 1 running\\n +${fix}$`, "m"),
    );
    // Docker counts what it ends when it comes back from a kill as stopped on purpose.
    await engine.kill("SIGKILL");
    await engine.restart();
    expect((await here.containers()).map(inDockersWords)).toContain("clock.1 exited");
    expect((await here.oneoff("start", here.app)).code).toBe(0);
    expect((await here.oneoff("ps", here.app)).stderr).toBe("");
  });
});

describe("an engine that keeps containers over a restart", {
  ...needs("its own", "live restore"),
  tags: ["full"],
}, () => {
  let engine: TestEngine;
  let keeps: boolean;
  beforeAll(async () => {
    engine = await startEngine({ liveRestore: true });
    await baseImage(engine.host);
    // Older ones remove what is to be removed at its end, even if it has not come to its end (moby#46308).
    keeps = isPodman || Number((await api(engine.host).get("/version")).body.ApiVersion.split(".")[1]) >= 44;
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test.each([
    ["comes back at once", true],
    ["stays away", false],
  ])("and is killed and %s: 125, and what became of the container is said", async (what, atOnce) => {
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
    else expect(stderr).toBe(`${LOST}${Name.slice(1)} has ended\n`);
    if (keeps) {
      expect((await mine.running()).Id).toBe(Id);
      expect((await api(engine.host).post(`/containers/${Id}/kill`)).status).toBe(204);
    }
    await mine.gone();
  });
});

describe("a connection that breaks", () => {
  const host = inject("engineHost");
  const suite = oneoffSuite(host);

  test.concurrent.each([
    ["the container is being created", "request", /^POST \/v[\d.]+\/containers\/create/],
    ["the container has been created", "answer", /^HTTP\/1\.1 201/],
    ["we are attaching", "request", /^POST \/v[\d.]+\/containers\/\w+\/attach/],
    ["we begin to wait", "request", /^POST \/v[\d.]+\/containers\/\w+\/wait/],
    ["the command is being started", "request", /^POST \/v[\d.]+\/containers\/\w+\/start/],
    ["the command has been started", "answer", /^HTTP\/1\.1 204/],
  ] as const)("while %s is 125 and told, not a hang", async (what, side, pattern) => {
    await using mine = suite.apart();
    const engine = await heldEngine(host);
    const hold = engine.hold(side, pattern);
    await using live = await mine.start(["app", "sleep", "1"], { env: { DOCKER_HOST: engine.host } });
    await hold.reached;
    await engine[Symbol.asyncDispose]();
    const { code, stdout, stderr } = await said(live);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(/^oneoff: Cannot reach the engine at .*\n$/m);
    // We know of a container once the engine has told us, and cannot remove it any more.
    if (what.startsWith("we") || what.startsWith("the command"))
      expect(stderr).toMatch(/^oneoff: warning: cannot remove app\.run\.\d{4}: /);
  });
});

describe("what is no engine", () => {
  const suite = oneoffs("unix:///nonexistent", "test.oneoff=nothing");
  const refused = async (host: string) => {
    const { code, stdout, stderr } = await suite.run(["--host", host, "app", "true"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    return stderr;
  };
  const NAMED = "oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST";
  const HOW = `start the engine, or set its address: ${NAMED}`;

  test.concurrent("a path where nothing is: 125, and how to name another", async () => {
    const stderr = `oneoff: Cannot reach the engine at /no/such.sock: no such socket\n  ${HOW}\n`;
    expect(await refused("unix:///no/such.sock")).toBe(stderr);
    expect(await refused("/no/such.sock")).toBe(stderr);
  });

  test.concurrent("an address of another kind", async () => {
    const expected = "expected unix:///path/to/docker.sock, tcp://host[:port] or ssh://[user@]host";
    expect(await refused("fd://3")).toBe(`oneoff: --host: ${expected}, found "fd://3"\n  ${NAMED}\n`);
    expect(await suite.run(["app", "true"], { env: { DOCKER_HOST: "box" } })).toEqual({
      code: 125,
      stdout: "",
      stderr: `oneoff: DOCKER_HOST: ${expected}, found "box"\n  ${NAMED}\n`,
    });
  });

  test.concurrent("a file, a folder, and a socket that is not for us", async () => {
    await using dir = await folder({ file: "" });
    expect(await refused(`${dir.path}/file`)).toContain(`Cannot reach the engine at ${dir.path}/file: not a socket\n`);
    expect(await refused(dir.path)).toContain(`Cannot reach the engine at ${dir.path}: `);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "a socket that is for others: permission denied, and how to get it",
    async () => {
      const script = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';
      const { code, stdout, stderr } = await suite.bash(script, ["app", "true"], {
        env: { DOCKER_HOST: inject("engineHost") },
      });
      expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
      expect(stderr).toMatch(
        /^oneoff: Cannot reach the engine at .*: permission denied(: only the group "docker" may use the socket\n {2}sudo usermod|\n {2}run oneoff as root)/,
      );
    },
  );

  test.concurrent.each([
    ["says nothing and closes", ""],
    ["speaks another language", "220 mail.example ESMTP\r\n"],
    ["is a web server", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n<h1>Hello</h1>"],
    ["is a proxy without an engine", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 11\r\n\r\nno upstream"],
    ["stops in the middle", 'HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{"Id":'],
  ])("a socket of somebody who %s: 125 and told, not a hang", async (what, answer) => {
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
