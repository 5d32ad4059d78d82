import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lockName } from "../../src/oneoff/locks/lock-name.ts";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { fakeEngine } from "../support/fake-engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, ended, eventually, type Said, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { openPty } from "../support/pty.ts";

/** Control sequences for a terminal, and text that resembles a line of oneoff's own. */
const CONTROLS = "\r\x1b]0;title\x07\x1b[2J\x7f\u009b2J\u061c\u202e\u2066\u2028";
const FORGED = "2013-03-13T15:38:08.000Z oneoff[run.1]: forged";
const HOSTILE = `x\n${FORGED}\n===  forged${CONTROLS}y`;

const ACTED_ON = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Colours and line ends are oneoff's own, and the terminal's. */
function expectHarmless(text: string): void {
  const own = text.replaceAll(/\x1b\[[\d;]*m/g, "").replaceAll("\r\n", "\n");
  expect(own).not.toMatch(ACTED_ON);
  expect(own).not.toMatch(/^(forged|=== +forged|2013-03-13T15:38:08\.000Z oneoff)/m);
}

/** Overdue one-offs are reaped along the way, so this file has an engine of its own. */
describe("text of containers and images", needs("its own"), () => {
  let engine: TestEngine;
  let home: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
    home = await folder();
    await populate(engine.host);
  });
  afterAll(async () => {
    await home[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  });

  const settings = () => ({
    cwd: home.path,
    env: { DOCKER_HOST: engine.host, XDG_STATE_HOME: `${home.path}/state`, USER: HOSTILE },
  });
  const oneoff = async (...words: string[]): Promise<Said> =>
    said(await start([BINARY, ...words], { ...settings(), timeout: 60_000 }));

  test.concurrent.each<[words: string, says: string]>([
    ["ps", "run.1"],
    ["ps --all", "forged"],
    ["ps --all --format json", "forged"],
    ["run:list --all app", "forged"],
    ["ps dokku-app", "forged"],
    ["ps blog", "forged"],
    ["locks", "forged"],
    ["locks --format json", "forged"],
    ["apps", "forged"],
    ["apps --format json", "forged"],
    ["app:info dokku-app", "dokku"],
    ["app:info dokku-app --format json", "dokku"],
    ["app:info hostile-image", "hostile-image"],
    ["releases blog", "v1"],
    ["releases blog --format json", "forged"],
    ["init --print", "dokku-app"],
    ["run --print dokku-app true", "forged"],
    ["run --print=docker dokku-app true", "forged"],
    ["deploy --dry-run --image hostile:1 new", "image"],
    ["complete-nothing", "complete-nothing"],
    ["run unheard-of", "unheard-of"],
    ["exec unheard-of", "unheard-of"],
  ])("oneoff %s escapes control characters of containers and images", async (words, says) => {
    const { stdout, stderr } = await oneoff(...words.split(" "));
    expect(stdout + stderr).toContain(says);
    expectHarmless(stdout + stderr);
    await using pty = await openPty([BINARY, ...words.split(" ")], settings());
    await ended(pty);
    expectHarmless(pty.output);
  });

  test.concurrent.each([
    ["ps", HOSTILE],
    ["logs", HOSTILE],
    ["stop", HOSTILE],
    ["wait", HOSTILE],
    ["attach", HOSTILE],
    ["exec", HOSTILE, "true"],
    ["cp", `${HOSTILE}:/x`, "-"],
    ["unlock", HOSTILE],
    ["app:info", HOSTILE],
    ["releases", HOSTILE],
    ["run", HOSTILE, "true"],
    ["run", "--image", HOSTILE, "app", "true"],
    ["run", "--image", "busybox:local", "--user", HOSTILE, "app", "true"],
    ["run", "--image", "busybox:local", "--network", HOSTILE, "app", "true"],
    ["run", "--image", "busybox:local", "--no-init", "app", HOSTILE, HOSTILE],
    ["run", "--image", "busybox:local", "--no-init", "--entrypoint", "/bin/no", "app", HOSTILE],
    ["run", "--image", "busybox:local", "--file", HOSTILE, "app", "true"],
    ["deploy", "--image", HOSTILE, "new"],
    [HOSTILE],
    [`--${HOSTILE}`],
  ])("repeats arguments with escaped control characters (%#)", async (...words) => {
    const { code, stdout, stderr } = await oneoff(...words);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/./);
    expectHarmless(stdout + stderr);
  });

  test("prints one line of a log for each line that was written, whatever it contains", async () => {
    const script = `printf 'one\\r${FORGED}\\n\\033[2J\\033]0;t\\007two\\302\\2332J\\342\\200\\256\\n'; : '${HOSTILE}'`;
    const run = ["run", "--image", "busybox:local", "--detach", "log-app", "sh", "-c", script];
    const { code, stdout: id } = await oneoff(...run);
    expect(code).toBe(0);
    expect(await oneoff("wait", id.trim())).toMatchObject({ code: 0 });
    for (const words of [["log-app"], ["--format", "json", "log-app"], [id.trim()]]) {
      const { stdout, stderr } = await oneoff("logs", ...words);
      expect(stderr).toBe("");
      expectHarmless(stdout);
      const lines = stdout.trimEnd().split("\n");
      if (words[0] === "--format") for (const line of lines) expect(JSON.parse(line).app).toBe("log-app");
      else if (words[0] === "log-app") for (const line of lines) expect(line).toMatch(/^(run\.\d+|oneoff) +\| /);
      else for (const line of lines) expect(line).toMatch(/^20[2-9]\d-\S+Z (app|oneoff)\[run\.\d+\]: /);
      expect(lines.filter((line) => /two/.test(line) && !/forged|Starting/.test(line)).length).toBeGreaterThan(0);
    }
  });

  test("a one-off whose name has line breaks forges no line of a log, also when it is stopped or reaped", {
    tags: ["full"],
  }, async () => {
    const show = async (...words: string[]) => {
      const { stdout, stderr } = await oneoff(...words);
      expect(stdout + stderr).toContain("x\\n2013");
      expectHarmless(stdout + stderr);
    };
    await show("logs", "app");
    await show("logs", "--format", "json", "app");
    // Overdue one-offs are stopped along the way: this one is new.
    await populate(engine.host);
    await eventually(() => show("reap", "--dry-run"));
    await show("reap");
    await populate(engine.host);
    await eventually(() => show("reap", "--format", "json"));
    await show("stop", "--all");
  });
});

/** All text that people and images can set, of containers that a command may meet. */
async function populate(host: string): Promise<void> {
  const client = api(host);
  const make = async (name: string, Labels: Record<string, string>, more: object = {}) => {
    await client.delete(`/containers/${name}?force=1`);
    const Cmd = ["sh", "-c", `printf 'said\\r${FORGED}\\n'; exec sleep 600`, HOSTILE];
    const body = {
      Image: "hostile:1",
      Cmd,
      Env: [`${HOSTILE}=${HOSTILE}`],
      Labels,
      HostConfig: { Init: true },
      ...more,
    };
    const { status, body: made } = await client.post(`/containers/create?name=${name}`, body);
    expect([status, made]).toMatchObject([201, {}]);
    return made.Id as string;
  };
  const begin = async (id: string) => expect((await client.post(`/containers/${id}/start`)).status).toBe(204);
  const own = (container: string, kind: string, more: Record<string, string>) =>
    Object.fromEntries(
      Object.entries({ container, kind, app: "app", name: HOSTILE, command: HOSTILE, ...more }).map(([key, value]) => [
        `dev.oneoff.${key}`,
        value,
      ]),
    );

  const imported = await client.get("/images/hostile:1/json");
  if (imported.status !== 200) {
    const Labels = {
      [HOSTILE]: HOSTILE,
      "io.buildpacks.build.metadata": JSON.stringify({ processes: [{ type: HOSTILE, command: HOSTILE }] }),
    };
    const { Id } = (await client.post("/containers/create", { Image: "busybox:local", Cmd: ["sh"], Labels })).body;
    const config = (more: object) => ({ Labels: { ...Labels, ...more }, Env: [`E=${HOSTILE}`], Author: HOSTILE });
    await client.post(`/commit?container=${Id}&repo=hostile&tag=1&comment=x`, config({}));
    await client.post(`/commit?container=${Id}&repo=oneoff/hostile-image&tag=latest`, config({}));
    const release = own("", "", { app: "blog", release: "1", "release.base": HOSTILE, "release.created": HOSTILE });
    const procfile = JSON.stringify([["web", HOSTILE]]);
    const json = "dev.oneoff.release.app-json";
    const labels = { ...release, "dev.oneoff.release.procfile": procfile, [json]: "{}" };
    for (const tag of ["v1", "latest"]) {
      await client.post(`/commit?container=${Id}&repo=oneoff/blog&tag=${tag}`, config(labels));
    }
    await client.delete(`/containers/${Id}`);
  }
  const holder = await make("app.run.1", own("app.run.1", "run", { timeout: "86400", retain: "86400", lock: HOSTILE }));
  await begin(holder);
  await begin(
    await make("app.run.2", own("app.run.2", "run", { timeout: "1", retain: "86400", "process-type": HOSTILE })),
  );
  await make(lockName(HOSTILE), own(lockName(HOSTILE), "lock", { lock: HOSTILE, "lock-holder": holder }));
  await begin(
    await make("blog.web.1", own("blog.web.1", "process", { app: "blog", "process-type": HOSTILE, release: HOSTILE })),
  );
  const dokku = { "com.dokku.app-name": "dokku-app", "com.dokku.container-type": "deploy" };
  await begin(await make("dokku-app.web.1", { ...dokku, "com.dokku.process-type": HOSTILE }));
  const compose = { "com.docker.compose.project": HOSTILE, "com.docker.compose.service": HOSTILE };
  await begin(await make("compose-1", compose));
  await begin(await make("kamal-1", { service: HOSTILE, role: HOSTILE, destination: HOSTILE }));
}

describe("text of an engine", () => {
  const line = (facts: object) => `${JSON.stringify(facts)}\n`;

  test.each<[what: string, words: string[], script: Record<string, [status: number, body: unknown]>]>([
    [
      "the progress of a pull",
      ["run", "--pull=always", "--image", "x:1", "--user", "1", "app", "true"],
      {
        "POST /images/create": [
          200,
          line({ status: HOSTILE, id: HOSTILE, progressDetail: { current: 1, total: 2, units: HOSTILE } }) +
            line({ status: HOSTILE }) +
            line({ error: HOSTILE }),
        ],
      },
    ],
    [
      "a refusal",
      ["run", "--image", "x:1", "--user", "1", "app", "true"],
      { "POST /containers/create": [500, { message: HOSTILE }] },
    ],
    ["a refusal in plain text", ["ps"], { "GET /containers/json": [500, HOSTILE] }],
    ["an invalid answer", ["ps"], { "GET /containers/json": [200, HOSTILE] }],
    [
      "a warning",
      ["run", "--image", "x:1", "--user", "1", "app", "true"],
      {
        "POST /containers/create": [201, { Id: "c", Warnings: [HOSTILE] }],
        "POST /containers/c/attach": [500, { message: HOSTILE }],
        "POST /containers/c/wait": [500, { message: HOSTILE }],
        "DELETE /containers/c": [500, { message: HOSTILE }],
      },
    ],
  ])("escapes control characters in %s", async (_what, words, script) => {
    for (const json of [[], ["--json"]]) {
      if (json.length > 0 && words[0] !== "run") continue;
      const engine = await fakeEngine();
      for (const [route, [status, body]] of Object.entries(script)) engine.always(route, status, body);
      engine.always("GET /containers/json", 200, []);
      const env = { DOCKER_HOST: `unix://${engine.socketPath}`, TERM: "xterm" };
      const argv = [BINARY, words[0] ?? "", ...json, ...words.slice(1)];
      const { stdout, stderr } = await said(await start(argv, { env, timeout: 60_000 }));
      expect(stdout + stderr).not.toBe("");
      expectHarmless(stdout + stderr);
    }
  });
});
