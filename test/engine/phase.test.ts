import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { removeOldPhases } from "../../src/deploy/phases/old-phases.ts";
import { runPhase } from "../../src/deploy/phases/phase.ts";
import type { PhaseRequest } from "../../src/deploy/phases/phase-spec.ts";
import { openTransport } from "../../src/engine/transport.ts";
import type { OneoffError } from "../../src/errors/error.ts";
import type { Event } from "../../src/output/events.ts";
import { recordRelease } from "../../src/release/releases.ts";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api, ask, containers, imageTags, removeByLabel, shortName, socketOf } from "../support/docker-api.ts";
import { fakeTerminal } from "../support/fake-terminal.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const engine = openTransport(() => ({ socketPath: socketOf(host), from: "--host" }));
const app = `phase-${process.pid}`;
const label = `dev.oneoff.app=${app}`;
const SECRET = `s3cr\u00e9t "$(id)' ${process.pid}`;

const PLAIN = 'FROM busybox:local\nENV KEPT=image\nWORKDIR /app\nCMD ["sleep", "600"]';

/** Records its arguments, then runs them. */
const entry = '#!/usr/bin/env sh\nprintf "%s|" "$@" >>/given; exec "$@"\n';

const images = {
  plain: [PLAIN, {}],
  entrypoint: ['FROM busybox:local\nCOPY entry /entry\nENTRYPOINT ["/entry"]\nCMD ["sleep"]', { entry }],
  tini: [
    'FROM busybox:local\nCOPY entry /tini\nENTRYPOINT ["/tini", "--"]',
    { entry: '#!/usr/bin/env sh\nshift; exec "$@"\n' },
  ],
  bash: [
    "FROM busybox:local\nCOPY bash /bin/bash",
    { bash: '#!/bin/busybox sh\necho "bash was here"; exec /bin/busybox ash "$@"\n' },
  ],
  full: [
    `FROM busybox:local
LABEL own="a \\"b\\""
ENV KEPT=image EMPTY=""
USER app
WORKDIR /app
EXPOSE 8080
VOLUME /data
HEALTHCHECK CMD true
STOPSIGNAL SIGUSR1
ONBUILD RUN exit 9`,
    {},
  ],
  scratch: ["FROM scratch\nCOPY --from=busybox:local /bin/busybox /touch\nCOPY --from=busybox:local /tmp /", {}],
  scratchEntry: ['FROM scratch\nCOPY --from=busybox:local /bin/busybox /touch\nENTRYPOINT ["/touch"]', {}],
} as const satisfies Record<string, readonly [string, Record<string, string>]>;

const idOf = {} as Record<keyof typeof images, string>;
const tagOf = (name: string) => `oneoff-phases:${name.toLowerCase()}`;

beforeAll(async () => {
  for (const [name, [dockerfile, files]] of Object.entries(images))
    idOf[name as keyof typeof images] = await buildImage(host, tagOf(name), dockerfile, files);
});

afterAll(async () => {
  await removeByLabel(host, label);
  for (const name of Object.keys(images)) await api(host).delete(`/images/${tagOf(name)}?force=1`);
  await api(host).delete(`/images/oneoff/${app}:oneoff-predeploy?force=1`);
  await engine[Symbol.asyncDispose]();
});

type Wish = Partial<Omit<PhaseRequest, "app">> & { image?: keyof typeof images; settings?: object };

function start({ image = "plain", settings = {}, ...wish }: Wish) {
  const events: Event[] = [];
  const terminal = fakeTerminal();
  const env = new Map([
    ["APP_SECRET", SECRET],
    ["KEPT", "app"],
  ]);
  const context = {
    ...{
      engine,
      terminal,
      report: (event: Event) => events.push(event),
      random: Math.random,
      monotonic: () => performance.now() / 1000,
    },
    owner: { self: "here:1", isAlive: () => true },
  };
  const request = { phase: "release", command: "true", release: 7, ...wish } as const;
  const outcome = runPhase(context, { ...request, app: { name: app, env, settings }, image: idOf[image] }).catch(
    (error: OneoffError) => error,
  );
  return { outcome, events, terminal, lines: (channel: string) => linesOf(events, channel) };
}

const linesOf = (events: readonly Event[], channel: string) =>
  events.flatMap((event) => (event.type === "phase-output" && event.stream === channel ? [event.text] : []));

async function phase(wish: Wish) {
  const { outcome, events, lines } = start(wish);
  return { outcome: await outcome, events, out: lines("stdout"), err: lines("stderr") };
}

const inspect = async (image: string) => (await api(host).get(`/images/${image}/json`)).body;

describe("phase", () => {
  test("runs a phase as a one-off of the app, and leaves nothing behind", async () => {
    const { outcome, out, err } = await phase({
      command: 'echo "$DYNO $KEPT $(pwd)"; cat; echo to-err >&2; printf open',
    });
    expect(outcome).toEqual({});
    expect(out).toEqual([expect.stringMatching(/^release\.\d{4} app \/app$/), "open"]);
    expect(err).toEqual(["to-err"]);
    expect(await containers(host, label)).toEqual([]);
  });

  test("prints the output of a phase as it is written", async () => {
    const running = start({ command: "echo first; until [ -e /go ]; do sleep 0.1; done; echo second" });
    await expect.poll(() => running.lines("stdout")).toEqual(["first"]);
    const [container] = await containers(host, label);
    await ask(host, container?.Id ?? "", "touch /go");
    expect(await running.outcome).toEqual({});
    expect(running.lines("stdout")).toEqual(["first", "second"]);
  });

  test("keeps the container and its log when a phase fails, and reports both", async () => {
    const command = "for n in $(seq 30); do echo line $n; done; API_TOKEN=hunter2 false; echo never; exit 0";
    const { outcome } = await phase({ command });
    const [kept] = await containers(host, label);
    const name = kept?.Names[0]?.slice(1);
    expect(outcome).toMatchObject({
      ...{ code: "phase-failed", phase: "release", exitCode: 1, container: name, exit: undefined },
      command: command.replace("hunter2", "***"),
      output: Array.from({ length: 20 }, (_, n) => `line ${n + 11}`),
      next: `oneoff run --phase release ${app}`,
    });
    expect(name).toMatch(/^phase-\d+\.release\.\d{4}$/);
    expect(kept?.Labels).toMatchObject({ "dev.oneoff.kind": "phase", "dev.oneoff.release": "7" });
    const log = await api(host).get(`/containers/${kept?.Id}/logs?stdout=1&tail=1`);
    expect(log.bytes.toString()).toContain("line 30");
    await removeByLabel(host, label);
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["exit 7", 7],
      ["exit 3 | true", 3],
      ["false; true", 1],
      ["cd /nowhere || exit 4", 4],
      ["sh -c 'exit 126'", 126],
      ["kill -9 $$", 137],
    ],
    2,
  ))
    test.each(rows)("a phase that runs `%s` has the exit code %i", scope, async (command, exitCode) => {
      expect((await phase({ command })).outcome).toMatchObject({ code: "phase-failed", exitCode });
      await removeByLabel(host, label);
    });

  test("stops a phase at its timeout, and keeps its container", async () => {
    const { outcome, events } = await phase({ command: "echo begun; exec sleep 60", timeout: 1 });
    expect(outcome).toMatchObject({ code: "phase-failed", exitCode: undefined, output: ["begun"] });
    expect((outcome as Error).message).toContain("timeout of 1 s exceeded");
    expect(events.map(({ type }) => type)).toContain("stopping");
    const states = async () => (await containers(host, label)).map(({ State }) => State);
    await expect.poll(states).toEqual(["exited"]);
    await removeByLabel(host, label);
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["SIGTERM", 143],
      ["SIGINT", 130],
    ] as const,
    1,
  ))
    test.each(rows)("stops and removes a phase when oneoff receives %s", scope, async (signal, exit) => {
      const running = start({ command: "echo begun; exec sleep 60" });
      await expect.poll(() => running.lines("stdout")).toEqual(["begun"]);
      running.terminal.signal(signal);
      expect(await running.outcome).toMatchObject({ code: "signalled", exit });
      expect(await containers(host, label)).toEqual([]);
      expect(running.terminal.listeners).toBe(0);
    });

  test("kills a phase that ignores signals at the second signal", async () => {
    const running = start({ command: "trap '' TERM INT; echo begun; while :; do sleep 1; done" });
    await expect.poll(() => running.lines("stdout")).toEqual(["begun"]);
    const since = Date.now();
    running.terminal.signal("SIGINT");
    await pause(100);
    running.terminal.signal("SIGINT");
    expect(await running.outcome).toMatchObject({ code: "signalled", exit: 130 });
    expect(Date.now() - since).toBeLessThan(8_000);
    expect(await containers(host, label)).toEqual([]);
  });

  test("reports why a phase cannot be started, and leaves nothing", async () => {
    const { outcome } = await phase({ image: "scratch", settings: { init: false } });
    expect(outcome).toMatchObject({ code: "phase-failed", next: "check the command's name and the image's PATH" });
    expect((outcome as Error).message).toMatch(
      /^The release phase of \S+ could not be started: .*("sh": executable file|executable file `sh`) not found/,
    );
    expect(await containers(host, label)).toEqual([]);
  });

  test("does not start a phase in an image without a shell, also with an init", async () => {
    const { outcome } = await phase({ image: "scratch" });
    expect(outcome).toMatchObject({ code: "phase-failed", next: "check the command's name and the image's PATH" });
    expect((outcome as Error).message).toMatch(/could not be started: sh: No such file or directory/);
    expect(await containers(host, label)).toEqual([]);
  });

  test("removes phases and temporary images of earlier deploys, in any state", async () => {
    const running = start({ command: "echo begun; exec sleep 60" });
    await expect.poll(() => running.lines("stdout")).toEqual(["begun"]);
    await api(host).post(`/images/${idOf.plain}/tag?repo=oneoff/${app}&tag=oneoff-draft`);
    await api(host).post(`/images/${idOf.plain}/tag?repo=oneoff/${app}&tag=oneoff-predeploy`);
    expect((await containers(host, label)).length).toBeGreaterThan(0);
    await removeOldPhases(engine, app);
    expect(await containers(host, label)).toEqual([]);
    expect((await inspect(idOf.plain)).RepoTags.map(shortName)).toEqual([tagOf("plain")]);
    await running.outcome;
  });
});

describe("command of a phase", () => {
  test("runs a phase under bash where the image has it", async () => {
    expect((await phase({ image: "bash", command: "echo $((1 + 1))" })).out).toEqual(["bash was here", "2"]);
  });

  test("runs a phase under a shell behind each of the four tini paths", async () => {
    expect((await phase({ image: "tini", command: "echo a && echo b | tr b c" })).out).toEqual(["a", "c"]);
  });

  test("passes a phase as arguments to any other entrypoint", async () => {
    const { out } = await phase({
      image: "entrypoint",
      command: `sh -c 'cat /given; echo; echo "$0 $KEPT"' "a  b" ''`,
    });
    expect(out).toEqual([`sh|-c|cat /given; echo; echo "$0 $KEPT"|a  b||`, "a  b app"]);
  });

  test("refuses an entrypoint that cannot run a phase before anything runs", async () => {
    const { outcome } = await phase({ image: "entrypoint", command: "a && b" });
    expect(outcome).toMatchObject({ code: "phase-needs-shell", kind: "usage" });
    expect(await containers(host, label)).toEqual([]);
  });

  test("uses the entrypoint of oneoff.yaml for a phase", async () => {
    const without = { entrypoint: [""] };
    expect((await phase({ image: "entrypoint", command: "echo $((1 + 2))", settings: without })).out).toEqual(["3"]);
  });
});

describe("predeploy", () => {
  const CONFIGS: (keyof typeof images)[] = ["plain", "entrypoint", "full"];

  for (const [scope, rows] of quickAndFull(CONFIGS, 1))
    test.each(rows)("predeploy changes only the files of the image %s", scope, async (image) => {
      const command = image === "entrypoint" ? "touch /tmp/made" : 'echo "$APP_SECRET" >/dev/null; touch /tmp/made';
      const { outcome } = await phase({ image, phase: "predeploy", command });
      const { imageId = "" } = outcome as { imageId?: string };
      const [before, after] = [await inspect(idOf[image]), await inspect(imageId)];
      expect(after.Config).toEqual(before.Config);
      expect(Object.keys(after.Config)).toEqual(Object.keys(before.Config));
      expect(after.RootFS.Layers).toEqual([...before.RootFS.Layers, expect.any(String)]);
      const history = (await api(host).get(`/images/${imageId}/history`)).body;
      expect(history[0].CreatedBy).toBe("oneoff deploy: predeploy");
      expect(history.length).toBe((await api(host).get(`/images/${idOf[image]}/history`)).body.length + 1);
      for (const text of [JSON.stringify(after), JSON.stringify(history)]) {
        for (const hidden of ["APP_SECRET", JSON.stringify(SECRET).slice(1, -1), "s3cr", "KEPT=app", "dev.oneoff"])
          expect(text).not.toContain(hidden);
      }
      const { body } = await api(host).post("/containers/create", {
        Image: imageId,
        Cmd: ["true"],
        Labels: { [app]: "" },
      });
      const { status } = await api(host).get(`/containers/${body.Id}/archive?path=/tmp/made`);
      await api(host).delete(`/containers/${body.Id}`);
      expect(status).toBe(200);
    });

  test("predeploy runs through the entrypoint of an image without a shell", async () => {
    const { outcome } = await phase({ image: "scratchEntry", phase: "predeploy", command: "/made" });
    const { imageId = "" } = outcome as { imageId?: string };
    expect((await inspect(imageId)).Config).toEqual((await inspect(idOf.scratchEntry)).Config);
  });

  test("predeploy without changes adds no layer", needs("empty commits"), async () => {
    // The engine adds the init as a file of its own, which is a change.
    const { outcome } = await phase({ phase: "predeploy", command: "true", settings: { init: false } });
    const { imageId = "" } = outcome as { imageId?: string };
    expect((await inspect(imageId)).RootFS).toEqual((await inspect(idOf.plain)).RootFS);
  });

  test("predeploy that fails makes no image, and leaves no temporary one", async () => {
    await api(host).delete(`/images/oneoff/${app}:oneoff-predeploy`);
    await phase({ phase: "predeploy", command: "touch /x; exit 1" });
    await removeByLabel(host, label);
    expect(await imageTags(host, `oneoff/${app}`)).toEqual([]);
    await phase({ phase: "predeploy", command: "touch /x" });
    expect(await imageTags(host, `oneoff/${app}`)).toEqual([`oneoff/${app}:oneoff-predeploy`]);
  });

  test("predeploy makes an image that becomes a release", async () => {
    const { outcome } = await phase({ phase: "predeploy", command: "echo 1 >/made" });
    const { imageId = "" } = outcome as { imageId?: string };
    const appJson = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] };
    const of = {
      app,
      number: 1,
      imageId,
      base: idOf.plain,
      created: "",
      procfile: new Map(),
      appJson,
    };
    const { imageId: released } = await recordRelease(engine, of);
    expect((await inspect(released)).RootFS.Layers).toHaveLength(2);
    await api(host).delete(`/images/oneoff/${app}:v1`);
  });
});
