import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { STEPS, type StepName } from "../../src/deploy/plan.ts";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { type FaultApp, faultApp, type Phase } from "../support/fault-app.ts";
import { heldEngine } from "../support/held-engine.ts";
import { eventually, said } from "../support/oneoff-suite.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGKILL"] as const;
const FAULTS = ["exits with 3", "is killed", "takes too long", "has no sh", ...SIGNALS] as const;
type Fault = (typeof FAULTS)[number];

/** Each step and each fault; the full run tries all pairs. */
const QUICK: readonly string[] = [
  "build SIGINT",
  "predeploy takes too long",
  "release SIGTERM",
  "schedule has no sh",
  "schedule SIGKILL",
  "postdeploy is killed",
  "first-postdeploy exits with 3",
];

/** Why a test of the pair is left out, where it is. */
const without = (step: StepName, fault: Fault) => {
  if (step !== "build") return {};
  if (fault === "takes too long") return { skip: true, meta: { lacks: "a build has no time limit" } };
  return SIGNALS.some((one) => one === fault) ? needs("builds that are broken off") : {};
};

const CODES: Partial<Record<Fault, number | null>> = { SIGINT: 130, SIGTERM: 143, SIGKILL: null };

const isPhase = (step: StepName): step is Phase => step !== "build" && step !== "schedule";
const isAfterSwitch = (step: StepName) => STEPS.indexOf(step) > STEPS.indexOf("schedule");

/** Nothing in it but what serves. */
const withoutSh = (app: string) => `FROM busybox:local AS tools
FROM scratch
LABEL test.app=${app}
COPY --from=tools /bin/busybox /bin/httpd
COPY version /www/index.html
`;

/** An engine that is not ours may not be ended. */
const given = process.env.ONEOFF_TEST_HOST !== undefined;

/** Makes a step of the next deploy go wrong. @returns more words for it. */
async function arrange(here: FaultApp, step: StepName, fault: Fault): Promise<string[]> {
  switch (fault) {
    case "exits with 3":
      await here.make(step, "echo oh; exit 3");
      return [];
    case "is killed":
      await here.make(step, "kill -9 $$");
      return [];
    case "has no sh":
      await here.write("Dockerfile", `${withoutSh(here.app)}${step === "build" ? "RUN true\n" : ""}`);
      if (isAfterSwitch(step)) await here.write("Procfile", "web: httpd -f -p 5000 -h /www\n");
      await here.check({ uptime: 1 });
      return step === "release" ? ["--skip", "predeploy"] : [];
    case "takes too long":
      await here.make(step, here.held);
      if (step === "schedule") await here.check({ listening: true, attempts: 2, wait: 1 });
      return ["--phase-timeout", "1s"];
    default:
      await here.make(step, here.held);
      return [];
  }
}

/** A clear last word: what happened, and what to type next. */
const LAST_WORD = /(?:^|\n)oneoff: [\s\S]+\n {2}\S.*\n$/;

/** What a kept container needs of the build: of Podman's it is the cache as well. */
const BUILT = inject("engine").name === "podman" ? [] : ["oneoff-built"];

let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine();
  await baseImage(engine.host);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  for (const app of apps) await app.removeFiles();
});

const apps: FaultApp[] = [];

/** An app on an engine that goes when the tests are over. */
async function placed(host: string, step: StepName): Promise<FaultApp> {
  const phases = isPhase(step) ? [step] : [];
  const app = await faultApp(host, { phases: step === "release" ? ["predeploy", step] : phases });
  apps.push(app);
  return app;
}

describe.concurrent.each(STEPS)("%s", (step) => {
  let here: FaultApp | undefined;
  /** An app that is deployed; what runs once in an app's life is still to come where it is what is to fail. */
  const deployedApp = async () => {
    const app = here ?? (await placed(engine.host, step));
    if (!here) await app.deployed(...(step === "first-postdeploy" ? ["--skip", step] : []));
    // It is used again once all has gone well.
    here = undefined;
    return app;
  };

  for (const fault of FAULTS) {
    const tags = QUICK.includes(`${step} ${fault}`) ? [] : ["full"];
    test(fault, { concurrent: false, ...without(step, fault), tags }, async () => {
      const app = await deployedApp();
      const old = app.version;
      const before = await app.inspect();
      await app.upgrade();
      const words = await arrange(app, step, fault);
      const live = await app.deploy(...words);
      const signal = SIGNALS.find((one) => one === fault);
      if (signal) {
        await app.reached();
        live.child.kill(signal);
      }
      const { code, stdout, stderr } = await said(live);
      const after = await app.inspect();

      expect([code, stdout]).toEqual([CODES[fault] === undefined ? 1 : CODES[fault], ""]);
      if (fault !== "SIGKILL") expect(stderr).toMatch(LAST_WORD);
      expect(await app.request()).toBe(isAfterSwitch(step) ? app.version : old);
      if (isAfterSwitch(step)) expect(after.latest).toBe(after.web.image);
      else expect({ web: after.web, latest: after.latest }).toEqual({ web: before.web, latest: before.latest });

      if (fault !== "SIGKILL") {
        await eventually(() => expect(app.heldCount()).toBe(0));
        // Of what could not be started nothing is kept.
        const keeps = isPhase(step) && !signal && fault !== "has no sh";
        expect(after.containers, stderr).toEqual([...(keeps ? [`${step} exited`] : []), "web.1 running"].sort());
        const left = after.tags.filter((tag) => !before.tags.includes(tag));
        // Of what is live and has yet to be finished; of what failed to start; of what a kept container needs; or nothing.
        if (isAfterSwitch(step)) expect(left.join(" ")).toMatch(/^v(\d+)(?: v\1-unfinished)?$/);
        else if (step === "schedule" && !signal) expect(left).toEqual(["failed"]);
        else expect(left).toEqual(keeps ? (stderr.includes("predeploy done") ? ["oneoff-predeploy"] : BUILT) : []);
      }

      await app.restore();
      const tag = await app.deployed();
      expect(await app.request()).toBe(app.version);
      const now = await app.inspect();
      expect(now.containers).toEqual(["web.1 running"]);
      const releases = (isAfterSwitch(step) ? after : before).tags.filter((one) => /^v\d+$/.test(one));
      expect(now.tags).toEqual(["latest", ...releases, tag].sort());
      expect(app.heldCount()).toBe(0);
      if (step !== "first-postdeploy") here = app;
    });
  }
});

describe.concurrent("killed in the middle of schedule", () => {
  let here: FaultApp | undefined;

  const completed = async (pattern: RegExp, isLive: boolean) => {
    const app = here ?? (await placed(engine.host, "schedule"));
    if (!here) await app.deployed();
    here = undefined;
    const [old, before] = [app.version, await app.inspect()];
    await app.upgrade();
    await using held = await heldEngine(engine.host);
    const hold = held.hold("request", pattern);
    const live = await app.deploy("--host", held.host);
    await hold.reached;
    live.child.kill("SIGKILL");
    await live.done;
    // Both are well, and are found as long as nobody has told the old one to end.
    expect([old, app.version]).toContain(await app.request());

    const tag = await app.deployed();
    expect(await app.request()).toBe(app.version);
    const now = await app.inspect();
    expect(now.containers).toEqual(["web.1 running"]);
    const made = now.tags.filter((one) => !before.tags.includes(one));
    expect(made).toHaveLength(isLive ? 2 : 1);
    expect(made).toContain(tag);
    expect(made.every((one) => /^v\d+$/.test(one))).toBe(true);
    here = app;
  };

  for (const [when, pattern, isLive, ...tags] of [
    ["before there is a release", /^POST \S+\/images\/load/, false, "full"],
    ["before the release has its name", /^POST \S+\/tag\?\S+&tag=v\d+ /, false, "full"],
    ["before anything has given up its place", /^POST \S+\/rename\?name=\S+\.old /, false],
    ["before the new one is what oneoff run runs", /^POST \S+\/tag\?\S+&tag=latest /, true, "full"],
    ["before it is marked as finished", /^DELETE \S+-unfinished /, true, "full"],
  ] as const) {
    const options = { concurrent: false, tags: [...tags] };
    test(`${when}: the next deploy comes to terms with it`, options, () => completed(pattern, isLive));
  }
});

/** How somebody ends whose engine has gone: while it goes, that may still tell of what has ended with it. */
const LOST = /The connection to the engine was lost|code 1(?:37|43)?\b|signal: killed/;

type Web = Awaited<ReturnType<FaultApp["inspect"]>>["web"];

/**
 * Brings the next deploy of each app to the middle of its step, lets `strike` do something about the engine, and looks.
 * @param identity what of a process that ran before is to be the same afterwards.
 */
async function struckInTheMiddle(
  all: ReadonlyMap<StepName, FaultApp>,
  strike: () => Promise<void>,
  comeBack: () => Promise<void>,
  identity = ({ id }: Web) => id,
) {
  const deploys = Array.from(all, async ([step, app]) => {
    const [old, before] = [app.version, await app.inspect()];
    await app.upgrade();
    await app.make(step, app.held);
    const live = await app.deploy();
    await app.reached();
    return { step, app, old, before, live };
  });
  const middle = await Promise.all(deploys);
  await strike();
  const ended = await Promise.all(middle.map(({ live }) => said(live)));
  await comeBack();
  const next = middle.map(async ({ step, app, old, before }, at) => {
    const { code, stdout, stderr } = ended[at] ?? {};
    expect([step, code, stdout]).toEqual([step, 1, ""]);
    expect([step, stderr]).toEqual([step, expect.stringMatching(LAST_WORD)]);
    expect([step, stderr]).toEqual([step, expect.stringMatching(LOST)]);
    // What ended with its engine is started by that again.
    await eventually(async () =>
      expect([step, await app.request()]).toEqual([step, isAfterSwitch(step) ? app.version : old]),
    );
    const after = await app.inspect();
    if (isAfterSwitch(step)) expect([step, after.latest]).toEqual([step, after.web.image]);
    else expect([step, identity(after.web), after.latest]).toEqual([step, identity(before.web), before.latest]);
    await app.restore();
    const tag = await app.deployed();
    expect([step, await app.request()]).toEqual([step, app.version]);
    const now = await app.inspect();
    expect([step, now.containers]).toEqual([step, ["web.1 running"]]);
    expect([step, now.tags.filter((one) => !/^(?:latest|v\d+)$/.test(one))]).toEqual([step, []]);
    expect([step, now.tags.includes(tag)]).toEqual([step, true]);
    // What a builder was at is known to nobody any more once it has gone.
    if (step !== "build") await eventually(() => expect([step, app.heldCount()]).toEqual([step, 0]));
  });
  await Promise.all(next);
}

/** An app for each step, of an engine that may be ended. */
function struckApps(liveRestore: boolean) {
  let own: TestEngine;
  const all = new Map<StepName, FaultApp>();
  beforeAll(async () => {
    own = await startEngine({ liveRestore });
    await baseImage(own.host);
    const deploying = STEPS.map(async (step) => {
      const app = await placed(own.host, step);
      await app.deployed("--skip", "first-postdeploy");
      all.set(step, app);
    });
    await Promise.all(deploying);
  }, 300_000);
  afterAll(() => own[Symbol.asyncDispose]());

  test("is started anew in the middle of each step: what ran runs on, and the next deploy goes well", async () => {
    await struckInTheMiddle(
      all,
      () => own.restart(),
      async () => {},
    );
    all.delete("first-postdeploy");
  }, 300_000);
  return { all, kill: () => own.kill("SIGKILL"), restart: () => own.restart() };
}

describe.skipIf(given)("an engine", { tags: ["full"] }, () => {
  const { all, kill, restart } = struckApps(false);

  test("goes for good: that is told, and makes no difference to the next", async () => {
    const comeBack = async () => {
      await restart();
      // An engine that was killed takes what it ends on its return for what somebody has stopped.
      for (const app of all.values()) expect(await app.oneoff("start", app.app)).toMatchObject({ code: 0 });
    };
    await struckInTheMiddle(all, kill, comeBack, ({ image }) => image);
  }, 300_000);
});

describe.skipIf(given)("an engine that keeps containers", { ...needs("live restore"), tags: ["full"] }, () => {
  struckApps(true);
});

describe.skipIf(given)("an engine that hangs", { tags: ["full"] }, () => {
  test("is left with the third ^C, and what is left there is no obstacle", async () => {
    await using own = await startEngine();
    await baseImage(own.host);
    const app = await placed(own.host, "release");
    await app.make("release", app.held);
    const live = await app.deploy();
    await app.reached();
    await own.kill("SIGSTOP");
    try {
      for (let times = 0; times < 3; times += 1) {
        live.child.kill("SIGINT");
        await sleep(500);
      }
      const { code, stderr } = await said(live);
      expect([code, stderr]).toEqual([130, expect.stringMatching(LAST_WORD)]);
    } finally {
      await own.kill("SIGCONT");
    }
    await app.restore();
    await app.deployed();
    expect((await app.inspect()).containers).toEqual(["web.1 running"]);
  });
});
