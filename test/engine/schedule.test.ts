import { beforeAll, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { quickAndFull } from "../support/quick.ts";
import { failRequest, type RolloutOptions, rolloutScene } from "../support/rollout-scene.ts";

const host = inject("engineHost");

const up = (text: string) => `FROM busybox:local\nENV IS=${text}\nCMD ["sleep", "1000"]`;
const bad = `FROM busybox:local
CMD ["sh", "-c", "for i in $(seq 30); do echo line $i; done; sleep 0.1; echo oh no >&2; sleep 0.3; exit 3"]`;
const port = (text: string) => `FROM busybox:local
RUN mkdir /www && echo ${text} >/www/index.html
CMD ["sh", "-c", "exec httpd -f -p $PORT -h /www"]`;

beforeAll(async () => {
  await buildImage(host, "oneoff-test/up:1", up("one"));
  await buildImage(host, "oneoff-test/up:2", up("two"));
  await buildImage(host, "oneoff-test/bad", bad);
  await buildImage(host, "oneoff-test/port:1", port("one"));
  await buildImage(host, "oneoff-test/port:2", port("two"));
});

const states = (processes: readonly { name: string; state: string }[]) =>
  processes.map(({ name, state }) => `${name} ${state}`);

describe("rollout", () => {
  const scene = rolloutScene(host);

  test("starts a process under its name with the settings of the create request, and reports it", async () => {
    await scene.rollOut({ image: "oneoff-test/up:1", number: 7, env: { A: "1" }, scale: { web: 2 } });
    const [first, second] = await scene.processes();
    expect(states(await scene.processes())).toEqual(["web.1 running", "web.2 running"]);
    const { Config, HostConfig } = (await scene.engine.get(`/containers/${first?.id}/json`)).body;
    expect(Config.Env).toEqual(expect.arrayContaining(["A=1", "DYNO=web.1", "PORT=5000", "IS=one"]));
    expect(Config.StopTimeout).toBe(30);
    expect(Config.Labels).toMatchObject({ "dev.oneoff.release": "7", "dev.oneoff.process-type": "web" });
    expect(HostConfig).toMatchObject({ Init: true, RestartPolicy: { Name: "unless-stopped" } });
    expect(scene.processStates.sort()).toEqual([
      "web.1 healthy",
      "web.1 live",
      "web.1 starting",
      "web.1 waiting",
      "web.2 healthy",
      "web.2 live",
      "web.2 starting",
      "web.2 waiting",
    ]);
    expect(second?.id).not.toBe(first?.id);
  });

  test("scaling up does not touch running processes, and scaling down removes the last ones", async () => {
    const before = await scene.processes();
    await scene.rollOut({ image: "oneoff-test/up:1", number: 7, scale: { web: 3 }, keepRunning: true });
    const more = await scene.processes();
    expect(states(more)).toEqual(["web.1 running", "web.2 running", "web.3 running"]);
    expect(more.slice(0, 2)).toEqual(before);
    await scene.rollOut({ image: "oneoff-test/up:1", number: 7, scale: { web: 1 }, keepRunning: true });
    expect(await scene.processes()).toEqual(before.slice(0, 1));
    await scene.rollOut({ image: "oneoff-test/up:1", number: 7, scale: { web: 0 }, keepRunning: true });
    expect(await scene.processes()).toEqual([]);
  });

  const procfileFirst =
    "a Procfile's command takes precedence over the image's, and runs without a shell as its parent";
  test(procfileFirst, needs("top by ps"), async () => {
    await scene.rollOut({
      image: "oneoff-test/bad",
      procfile: "web: sleep $((900 + 99))\nworker: sleep 998",
      scale: { worker: 1 },
    });
    const all = await scene.processes();
    expect(states(all)).toEqual(["web.1 running", "worker.1 running"]);
    const { body } = await scene.engine.get(`/containers/${all[0]?.id}/top`);
    const commands = body.Processes.map((fields: string[]) => fields.at(-1));
    expect(commands).toEqual([expect.stringContaining("-init "), expect.stringMatching(/^(\d+ root +)?sleep 999$/)]);
  });

  test("refuses a process type without a command before anything changes", async () => {
    const before = await scene.processes();
    const wish = { image: "oneoff-test/up:2", procfile: "web: sleep 997", scale: { wroker: 1 } };
    await expect(scene.rollOut(wish)).rejects.toMatchObject({ code: "unknown-process-type" });
    expect(await scene.processes()).toEqual(before);
  });
});

describe("unhealthy process", () => {
  const scene = rolloutScene(host);
  let before: Awaited<ReturnType<typeof scene.processes>> = [];
  beforeAll(async () => {
    await scene.rollOut({ image: "oneoff-test/up:1", scale: { web: 2 } });
    before = await scene.processes();
  });
  const fails = async (wish: RolloutOptions) => {
    const error = await scene.rollOut(wish).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(await scene.processes()).toEqual(before);
    return error;
  };

  test("reports the exit code and the last 20 lines of a new process as soon as it exits", async () => {
    const started = performance.now();
    // A restarted process would write more lines.
    const settings = { processes: { restart: { name: "no" } } } as const;
    const error = await fails({ image: "oneoff-test/bad", healthWait: 60, settings });
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(error).toMatchObject({ code: "process-ended" });
    expect(error?.message).toContain(`web.1 of ${scene.name} exited with code 3 before it became healthy`);
    const [, ...lines] = error?.message.split("\n") ?? [];
    expect(lines).toHaveLength(20);
    expect(lines).toContain("  line 30");
    expect(lines).toContain("  oh no");
  });

  test("reports a new process that cannot be started", async () => {
    const error = await fails({ image: "oneoff-test/up:2", settings: { user: "nobody-here" } });
    expect(error).toMatchObject({ code: "process-not-started" });
  });

  test("replaces no process when one of several types fails", async () => {
    const error = await fails({
      image: "oneoff-test/up:2",
      procfile: "web: sleep 999\nworker: false",
      scale: { worker: 1 },
    });
    expect(error).toMatchObject({ code: "process-ended", message: expect.stringContaining("worker.1") });
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["nothing listens", '{"listening": true, "attempts": 2, "wait": 1}', "listening: nothing listens on port 5000"],
      ["nothing answers", '{"path": "/", "attempts": 1}', "path /: request to http://"],
      [
        "a command fails",
        '{"command": ["sh", "-c", "echo not yet; exit 4"], "attempts": 1}',
        "command: the command exited with code 4: not yet",
      ],
      ["a command is not there", '{"command": ["nope"], "attempts": 1}', "command: the command exited with code 12"],
      [
        "a command takes too long",
        '{"command": ["sleep", "100"], "attempts": 1, "timeout": 1}',
        "command: no response within 1 s",
      ],
    ],
    1,
  ))
    test.each(rows)("reports a failed health check: %s", scope, async (_, check, reason) => {
      const appJson = `{"healthchecks": {"web": [${check}]}}`;
      const error = await fails({ image: "oneoff-test/up:2", appJson });
      expect(error).toMatchObject({ code: "process-unwell" });
      expect(error?.message).toContain(`web.1 of ${scene.name} is unhealthy: ${reason}`);
    });

  test("stops waiting for health when it is interrupted", async () => {
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(new Error("^C")), 1500);
    const error = await fails({ image: "oneoff-test/up:2", healthWait: 60, signal: interruption.signal });
    expect(error?.message).toBe("^C");
  });
});

const checked = rolloutScene(host);
test("accepts health checks of all kinds", async () => {
  const scene = checked;
  const checks = [
    '{"path": "/index.html", "content": "one", "attempts": 5, "wait": 1, "httpHeaders": [{"name": "X-A", "value": "b c"}]}',
    '{"listening": true, "attempts": 5, "wait": 1}',
    '{"command": ["test", "-d", "/www"]}',
    '{"uptime": 1}',
    '{"command": ["false"], "attempts": 1, "warn": true, "name": "only told"}',
    '{"type": "liveness", "command": ["false"]}',
  ];
  await scene.rollOut({
    image: "oneoff-test/port:1",
    env: { PORT: "6001" },
    appJson: `{"healthchecks": {"web": [${checks.join(", ")}]}}`,
  });
  expect(states(await scene.processes())).toEqual(["web.1 running"]);
  expect(scene.warnings).toEqual([`web.1 of ${scene.name}: only told: the command exited with code 1`]);
});

const imageChecked = rolloutScene(host);
test("uses the image's health check where app.json has none", async () => {
  const scene = imageChecked;
  const check = (code: number) => `FROM oneoff-test/up:1
HEALTHCHECK --interval=300ms --retries=2 CMD echo says ${code}; exit ${code}`;
  await buildImage(host, "oneoff-test/check:0", check(0));
  await buildImage(host, "oneoff-test/check:1", check(1));
  await scene.rollOut({ image: "oneoff-test/check:0", healthWait: 1000 });
  const before = await scene.processes();
  await expect(scene.rollOut({ image: "oneoff-test/check:1", healthWait: 1000 })).rejects.toThrow(
    `web.1 of ${scene.name} is unhealthy: the image's HEALTHCHECK failed: says 1`,
  );
  expect(await scene.processes()).toEqual(before);
});

describe("published port", () => {
  const scene = rolloutScene(host);
  const settings = { processes: { publish: [{ port: 5000, protocol: "tcp", hostPort: 5917 }] } } as const;

  test("stops the old process before it starts the new one with the same published port", async () => {
    await scene.rollOut({ image: "oneoff-test/port:1", settings });
    const [old] = await scene.processes();
    await scene.rollOut({ image: "oneoff-test/port:2", settings });
    const [now, ...others] = await scene.processes();
    expect(others).toEqual([]);
    expect(now).toMatchObject({ name: "web.1", state: "running" });
    expect(now?.id).not.toBe(old?.id);
    const { HostConfig } = (await scene.engine.get(`/containers/${now?.id}/json`)).body;
    expect(HostConfig.PortBindings).toMatchObject({ "5000/tcp": [{ HostPort: "5917" }] });
  });

  test("returns a published port to the old process when the new one is unhealthy", { tags: ["full"] }, async () => {
    const before = await scene.processes();
    await expect(scene.rollOut({ image: "oneoff-test/bad", settings })).rejects.toMatchObject({
      code: "process-ended",
    });
    expect(await scene.processes()).toEqual(before);
  });

  test("refuses a published port for more than one process", async () => {
    const before = await scene.processes();
    const wish = { image: "oneoff-test/port:1", settings, scale: { web: 2 } };
    await expect(scene.rollOut(wish)).rejects.toMatchObject({ code: "host-port-shared" });
    expect(await scene.processes()).toEqual(before);
  });
});

const PORT = { processes: { publish: [{ port: 5000, protocol: "tcp", hostPort: 5918 }] } } as const;

/** A step lasts a second or two, so only every n-th request fails, or has oneoff killed after it. */
const FEW = { stride: 13, tags: [] };
const MANY = { stride: 3, tags: ["full"] };

describe.each([
  ["some requests, beside each other", {}, FEW],
  ["some requests, one after the other", PORT, FEW],
  ["any request, beside each other", {}, MANY],
  ["any request, one after the other", PORT, MANY],
] as const)("failure at %s", (_, given, { stride, tags }) => {
  const scene = rolloutScene(host);
  const settings = { networks: [scene.network], ...given };
  const wish = (number: number): RolloutOptions => ({
    image: `oneoff-test/up:${1 + (number % 2)}`,
    number,
    healthWait: 0.1,
    settings,
    scale: { web: 1 },
    procfile: "web: sleep 999\nworker: sleep 998",
  });
  const found = `nslookup ${scene.name} "$(sed -n "s/^nameserver //p" /etc/resolv.conf | head -n 1)" | grep -c "^Address: [0-9.]*$"`;
  let client = "";
  beforeAll(async () => {
    await scene.createNetwork();
    client = await scene.client("sleep 1000");
    await scene.rollOut(wish(0));
  });

  const options = { tags: [...tags] };

  test("keeps the old process unchanged or completes the switch when the engine fails", options, async () => {
    let number = 0;
    for (let at = 0; ; at += stride) {
      // A replaced process that could not be stopped may exit at any time.
      const before = (await scene.processes()).filter(({ name }) => !name.endsWith(".old"));
      const { engine, count } = failRequest(scene.transport, at, "once");
      number += 1;
      const error = await scene.rollOut({ ...wish(number), transport: engine }).catch((error: Error) => error);
      const after = await scene.processes();
      if (error) expect([at, after.filter(({ name }) => !name.endsWith(".old"))]).toEqual([at, before]);
      else expect([at, after.find(({ name }) => name === "web.1")?.state]).toEqual([at, "running"]);
      if (count() <= at) break;
    }
    expect(states(await scene.processes())).toEqual(["web.1 running"]);
  });

  const killed = "keeps a process serving when oneoff is killed, and the next deploy completes the switch";
  test(killed, { ...needs("steady names"), ...options }, async () => {
    let number = 1000;
    for (let at = 1; ; at += stride) {
      const { engine, count } = failRequest(scene.transport, at, "forever");
      number += 1;
      await scene.rollOut({ ...wish(number), transport: engine }).catch(() => {});
      const left = await scene.processes();
      if (!("processes" in given)) {
        expect([at, left.some(({ state }) => state === "running")]).toEqual([at, true]);
        expect([at, Number(await scene.ask(client, found))]).not.toEqual([at, 0]);
      }
      number += 1;
      await scene.rollOut(wish(number));
      expect([at, states(await scene.processes())]).toEqual([at, ["web.1 running"]]);
      if (count() <= at) break;
    }
  });
});
