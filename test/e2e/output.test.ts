import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, inject, test } from "vitest";
import { displayWidth } from "../../src/output/table.ts";
import { DEPLOY_TIMEOUT_MS, deployPlace, scripts, WEB } from "../support/deploy-place.ts";
import { socketOf } from "../support/docker-api.ts";
import { eventLines, undocumented } from "../support/event-lines.ts";
import { fakeEngine } from "../support/fake-engine.ts";
import { folder } from "../support/folder.ts";
import { obeyed } from "../support/github-runner.ts";
import { BINARY, ended, oneoffSuite, said, see } from "../support/oneoff-suite.ts";
import { run, start } from "../support/process.ts";
import { openPty, type Pty } from "../support/pty.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

const HOSTILE = "printf '\\033[31mred\\033[0m\\n::error::no\\n  ::set-env name=A::b\\n##[group]x\\na\\r::error::no\\n'";
const TERMINAL = { TERM: "xterm-256color" };

/** The lines that were drawn on a screen, as wide as each is. */
const widest = (screen: string) =>
  Math.max(...screen.split(/\r?\n|\r|\x1b\[\d*[AJK]/).map((line) => displayWidth(line.replace(/\x1b\[[\d;]*m/g, ""))));

describe.concurrent("a deploy for programs", () => {
  test(
    "prints each event of a deploy as documented",
    async () => {
      await using here = await deployPlace(host, {
        files: { Procfile: `${WEB}release: ${HOSTILE}\n`, "app.json": scripts({ first: "exit 7" }) },
      });
      const { code, stdout, stderr } = await here.deploy("--json");
      expect([code, stderr]).toEqual([1, ""]);
      const events = eventLines(stdout);
      expect(events.flatMap(undocumented)).toEqual([]);
      const of = (type: string) => events.filter((event) => event.type === type);
      expect(events[0]).toMatchObject({ type: "plan", app: here.app });
      expect(of("phase-output").map(({ text }) => text)).toEqual([
        ...["red", "::error::no", "  ::set-env name=A::b", "##[group]x", "::error::no"],
      ]);
      expect(of("build-step").length).toBeGreaterThan(0);
      expect(of("process").map(({ name, state }) => [name, state])).toContainEqual(["web.1", "live"]);
      expect(of("progress").map(({ operation, finished }) => [operation, finished])).toContainEqual(["context", true]);
      expect(events.slice(-2)).toMatchObject([
        {
          type: "summary",
          outcome: "failed",
          steps: expect.arrayContaining([expect.objectContaining({ step: "build" })]),
        },
        { type: "failed", code: "phase-failed", exitCode: 1, next: expect.stringMatching(/^oneoff /) },
      ]);
      expect(new Date(events[0]?.time).getTime()).toBeLessThanOrEqual(new Date(events.at(-1)?.time).getTime());
    },
    DEPLOY_TIMEOUT_MS,
  );

  test("prints the image when it is live, and the results of scale, restart, ps:stop and destroy", {
    tags: ["full"],
  }, async () => {
    await using here = await deployPlace(host);
    const told = async (...words: string[]) => {
      const { code, stdout, stderr } = await here.oneoff(...words, "--json");
      expect([code, stderr]).toEqual([0, ""]);
      const events = eventLines(stdout);
      expect(events.flatMap(undocumented)).toEqual([]);
      return events;
    };
    expect(await told("deploy")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "deployed", release: 1, image: `oneoff/${here.app}:v1` }),
        expect.objectContaining({ type: "summary", outcome: "deployed", release: 1 }),
      ]),
    );
    expect((await told("deploy")).at(-2)).toMatchObject({ type: "unchanged", image: `oneoff/${here.app}:v1` });
    expect((await told("scale", here.app, "web=2")).at(-1)).toMatchObject({
      processes: [{ processType: "web", quantity: 2 }],
    });
    for (const [command, state] of [
      ["restart", "live"],
      ["ps:stop", "stopped"],
    ] as const) {
      expect(await told(command, here.app)).toContainEqual(expect.objectContaining({ type: "process", state }));
    }
    expect(await told("destroy", "--yes", here.app)).toContainEqual(expect.objectContaining({ state: "removed" }));
  });
});

describe.concurrent("a deploy in CI", () => {
  test(
    "groups the steps of a deploy in GitHub Actions, prints no other command, and adds times to the summary",
    async () => {
      await using here = await deployPlace(host, { files: { Procfile: `${WEB}release: ${HOSTILE}; exit 3\n` } });
      const page = `${here.source}/page.md`;
      const env = { ...here.settings.env, GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: page };
      const { code, stdout, stderr } = await said(await start([BINARY, "deploy"], { ...here.settings, env }));
      expect([code, stdout]).toEqual([1, ""]);
      expect(obeyed(stderr)).toEqual(["group", "endgroup", "group", "endgroup", "error"]);
      expect(stderr).toMatch(/^::error title=oneoff%3A phase-failed::The release phase of .*%0A.*::error::no/m);
      expect(await readFile(page, "utf8")).toMatch(
        /### app-\w+ failed\n.*\| release \| failed \| \d+\.\d s \|.*exit code 3/s,
      );
    },
    DEPLOY_TIMEOUT_MS,
  );

  test("folds the steps of a deploy into sections in GitLab CI", { tags: ["full"] }, async () => {
    await using here = await deployPlace(host, { files: { Procfile: `${WEB}release: ${HOSTILE}\n` } });
    const { code, stderr } = await here.deploy("--ci", "gitlab");
    expect(code).toBe(0);
    const sections = Array.from(
      stderr.matchAll(/\x1b\[0Ksection_(\w+):\d+:oneoff_(\w+)_\d+(\[collapsed=true\])?\r\x1b\[0K/g),
    );
    expect(sections.map(([, which, step, folded]) => [which, step, folded !== undefined])).toEqual([
      ["start", "build", true],
      ["end", "build", false],
      ["start", "release", true],
      ["end", "release", false],
      ["start", "schedule", true],
      ["end", "schedule", false],
    ]);
  });
});

describe.concurrent("deploy at a terminal", () => {
  test("a deploy has colours at a terminal, not with NO_COLOR, and never on stdout", { tags: ["full"] }, async () => {
    await using here = await deployPlace(host);
    const script = '"$0" "$@" >out';
    const screen = async (env: Record<string, string>, ...words: string[]) => {
      const argv = ["bash", "-c", script, BINARY, "deploy", "--force", ...words];
      await using pty = await openPty(argv, { cwd: here.source, env: { ...here.settings.env, ...TERMINAL, ...env } });
      expect(await ended(pty)).toEqual({ code: 0, signal: null });
      return pty.output;
    };
    const colored = await screen({});
    expect(colored).toContain("\x1b[1m-----> build\x1b[22m");
    expect(colored).toMatch(/\x1b\[1m\x1b\[32m=====> .* v1 is live/);
    expect(colored).toMatch(/total +\d/);
    expect(await readFile(`${here.source}/out`, "utf8")).toBe(`oneoff/${here.app}:v1\n`);
    expect(await screen({ NO_COLOR: "1" })).not.toContain("\x1b[1m");
  });

  test("a command's output is unchanged to the byte by progress", async () => {
    const bytes = randomBytes(16 * 1024 * 1024);
    await using here = await folder({ big: bytes });
    const digest = createHash("sha256").update(bytes).digest("hex");
    const mine = suite.apart();
    const words = ["--file", "big", "app", "cat /tmp/uploads/big"];
    for (const color of ["never", "always"]) {
      const script = 'set -o pipefail; "$@" | sha256sum >out; echo $? >code';
      await using pty = await openPty(["bash", "-c", script, "bash", ...mine.argv([`--color=${color}`, ...words])], {
        cwd: here.path,
        env: { DOCKER_HOST: host, ...TERMINAL },
      });
      await ended(pty);
      expect(await readFile(`${here.path}/out`, "utf8")).toBe(`${digest}  -\n`);
      expect(await readFile(`${here.path}/code`, "utf8")).toBe("0\n");
      // All progress was erased before the command began.
      expect(pty.output.replace(/.*\x1b\[J/s, "")).not.toContain("%");
    }
    await mine.gone();
  });

  test(
    "shows the progress of a slow archive in its own place, and erases it",
    async () => {
      await using here = await deployPlace(host, {
        build: false,
        yaml: "image: busybox:local\nprocfile: {web: sleep 600}\n",
      });
      const save = `curl -sf --unix-socket ${socketOf(host)} http://engine/images/busybox:local/get`;
      const slow = `${save} >image.tar; (head -c 500000 image.tar; sleep 1; tail -c +500001 image.tar)`;
      const script = `${slow} | "$0" deploy --archive - ${here.app} >out`;
      const env = { ...here.settings.env, ...TERMINAL };
      await using pty = await openPty(["bash", "-c", script, BINARY], { cwd: here.source, env, cols: 50 });
      await see(pty, /load 488\.3 KiB/);
      await see(pty, /\r\x1b\[J/);
      expect(await ended(pty)).toMatchObject({ code: 0 });
      expect(pty.output.replace(/.*\x1b\[J/s, "")).not.toMatch(/load \d/);
    },
    DEPLOY_TIMEOUT_MS,
  );

  test("--quiet prints no progress", async () => {
    await using here = await folder({ big: Buffer.alloc(32 * 1024 * 1024) });
    const argv = suite.argv(["--quiet", "--file", "big", "app", "true"]);
    await using pty = await openPty(argv, { cwd: here.path, env: { DOCKER_HOST: host, ...TERMINAL } });
    expect(await ended(pty)).toMatchObject({ code: 0 });
    expect(pty.output).toBe("");
  });
});

describe.concurrent("pull of several layers", () => {
  const layer = (id: string, current: number, status = "Downloading") =>
    `${JSON.stringify({ status, id, progressDetail: { current, total: 4_000_000 } })}\n`;

  /** Pulls from an engine that sends the given progress. */
  async function pulling(options: Parameters<typeof openPty>[1] = {}) {
    const engine = await fakeEngine();
    engine.always("GET /containers/json", 200, []);
    const held = engine.on("POST /images/create");
    const argv = [BINARY, "run", "--pull=always", "--image", "big:1", "--user", "1", "app", "true"];
    const env = { DOCKER_HOST: `unix://${engine.socketPath}`, ...TERMINAL, ...options.env };
    const pty = await openPty(argv, { ...options, env });
    return { engine, pty, answer: (await held).acknowledge() };
  }
  const finish = async (pty: Pty, answer: { end(text: string): void }) => {
    answer.end('{"error":"no space left on device"}\n');
    expect(await ended(pty)).toMatchObject({ code: 125 });
  };

  test("shows a line for each layer, at most as wide as the window, which shrinks during the pull", async () => {
    const { pty, answer } = await pulling({ cols: 60 });
    await using _pty = pty;
    answer.write(layer("aaaaaaaaaaaa", 1_000_000) + layer("bbbbbbbbbbbb", 2_000_000));
    await see(pty, /pull aaaaaaaaaaaa .*25% of 3\.8 MiB\r\npull bbbbbbbbbbbb .*50% of 3\.8 MiB/);
    expect(widest(pty.output)).toBeLessThan(60);
    const wide = pty.output.length;
    pty.resize(24, 10);
    await see(pty, /\x1b\[J.*pull aaaaaaaaaaaa +25%\r\npull bbbbbbbbbbbb +50%/);
    expect(widest(pty.output.slice(wide).replace(/^.*?\x1b\[J/s, ""))).toBeLessThan(24);
    answer.write(layer("aaaaaaaaaaaa", 3_000_000, "Extracting"));
    await see(pty, /unpack a+… +75%/);
    await finish(pty, answer);
    // The failure stands alone: no progress is left of it or below it.
    expect(pty.output.replace(/.*\x1b\[J/s, "")).toMatch(
      /^\x1b\[31moneoff: Cannot pull big:1: no space left on device\x1b\[39m\r\n {2}.*docker load -i image\.tar.*\r\n$/,
    );
  });

  test("prints the progress of a pull as plain lines without a terminal", async () => {
    const { pty, answer } = await pulling({ env: { TERM: "dumb" } });
    await using _pty = pty;
    answer.write(`${layer("aaaaaaaaaaaa", 1_000_000)}{"status":"Digest: sha256:0"}\n`);
    await see(pty, "big:1: Digest: sha256:0");
    await finish(pty, answer);
    expect(pty.output).not.toContain("\x1b");
  });

  test("prints no progress of a pull on stdout, and draws none without a terminal", async () => {
    await using engine = await fakeEngine();
    engine.always("GET /containers/json", 200, []);
    engine.on("POST /images/create", 200, `${layer("a", 1)}{"error":"no"}\n`);
    const argv = [BINARY, "run", "--color=always", "--pull=always", "--image", "big:1", "--user", "1", "app", "true"];
    const { stdout, stderr } = await run(argv, { env: { DOCKER_HOST: `unix://${engine.socketPath}` } });
    expect([String(stdout), String(stderr)]).toEqual([
      "",
      expect.stringMatching(/^\x1b\[31moneoff: Cannot pull big:1: no\x1b\[39m\n {2}.*docker load -i image\.tar.*\n$/),
    ]);
  });
});
