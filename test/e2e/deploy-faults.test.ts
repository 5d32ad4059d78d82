import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { STEPS, type StepName } from "../../src/deploy/step-names.ts";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { type FaultApp, faultApp, type Phase } from "../support/fault-app.ts";
import { heldEngine } from "../support/held-engine.ts";
import { eventually, said } from "../support/oneoff-suite.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGKILL"] as const;
const FAULTS = ["exits with 3", "is killed", "takes too long", "has no sh", ...SIGNALS] as const;
type Fault = (typeof FAULTS)[number];

/** Three faults of each step; the full run tries all pairs. */
const QUICK: readonly string[] = [
  ...["build exits with 3", "build has no sh", "build SIGINT"],
  ...["predeploy is killed", "predeploy takes too long", "predeploy SIGTERM"],
  ...["release exits with 3", "release SIGTERM", "release SIGKILL"],
  ...["schedule takes too long", "schedule has no sh", "schedule SIGKILL"],
  ...["postdeploy is killed", "postdeploy has no sh", "postdeploy SIGINT"],
  ...["first-postdeploy exits with 3", "first-postdeploy takes too long", "first-postdeploy SIGKILL"],
];

/** Why the test of a pair is left out, if it is. */
const without = (step: StepName, fault: Fault) => {
  if (step !== "build") return {};
  if (fault === "takes too long") return { skip: true, meta: { lacks: "a build has no time limit" } };
  return SIGNALS.some((one) => one === fault) ? needs("builds that are broken off") : {};
};

const CODES: Partial<Record<Fault, number | null>> = { SIGINT: 130, SIGTERM: 143, SIGKILL: null };

const isPhase = (step: StepName): step is Phase => step !== "build" && step !== "schedule";
const isAfterSwitch = (step: StepName) => STEPS.indexOf(step) > STEPS.indexOf("schedule");

/** An image that contains only a server. */
const withoutSh = (app: string) => `FROM busybox:local AS tools
FROM scratch
LABEL test.app=${app}
COPY --from=tools /bin/busybox /bin/httpd
COPY version /www/index.html
`;

/** An engine that the tests did not start must not be stopped. */
const given = process.env.ONEOFF_TEST_HOST !== undefined;

/** Makes a step of the next deploy fail. @returns more arguments for it. */
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

/** Expects a clear last message: what happened, and what to type next. */
const LAST_WORD = /(?:^|\n)oneoff: [\s\S]+\n {2}\S.*\n$/;

/** What a kept container needs from the build: for Podman that includes the cache. */
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

/** An app on an engine that stops after the tests. */
async function placed(host: string, step: StepName): Promise<FaultApp> {
  const phases = isPhase(step) ? [step] : [];
  const app = await faultApp(host, { phases: step === "release" ? ["predeploy", step] : phases });
  apps.push(app);
  return app;
}

describe.concurrent.each(STEPS)("deploy whose step fails: %s", (step) => {
  let here: FaultApp | undefined;
  /** An app that is deployed. Where a step that runs once in an app's life is to fail, it has not run yet. */
  const deployedApp = async () => {
    const app = here ?? (await placed(engine.host, step));
    if (!here) await app.deployed(...(step === "first-postdeploy" ? ["--skip", step] : []));
    // The next test uses it again if this one succeeds.
    here = undefined;
    return app;
  };

  for (const fault of FAULTS) {
    const tags = QUICK.includes(`${step} ${fault}`) ? [] : ["full"];
    test(`failed deploy: ${step} ${fault}`, { concurrent: false, ...without(step, fault), tags }, async () => {
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
        // A container that could not be started is not kept.
        const keeps = isPhase(step) && !signal && fault !== "has no sh";
        expect(after.containers, stderr).toEqual([...(keeps ? [`${step} exited`] : []), "web.1 running"].sort());
        const left = after.tags.filter((tag) => !before.tags.includes(tag));
        // The temporary tags of what is live but unfinished, of a failed start, or of what a kept container needs.
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

describe.concurrent("deploy killed in the middle of schedule", () => {
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
    // Both processes are healthy, and found as long as the old one is not stopped.
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
    ["before the release exists", /^POST \S+\/images\/load/, false, "full"],
    ["before the release has its name", /^POST \S+\/tag\?\S+&tag=v\d+ /, false, "full"],
    ["before an old process is replaced", /^POST \S+\/rename\?name=\S+\.old /, false],
    ["before oneoff run uses the new release", /^POST \S+\/tag\?\S+&tag=latest /, true, "full"],
    ["before the release is marked as finished", /^DELETE \S+-unfinished /, true, "full"],
  ] as const) {
    const options = { concurrent: false, tags: [...tags] };
    test(`killed in schedule ${when}: the next deploy recovers`, options, () => completed(pattern, isLive));
  }
});

/** How the client exits when its engine stops, which may still report the containers that end with it. */
const LOST = /The connection to the engine was lost|code 1(?:37|43)?\b|signal: killed/;

type Web = Awaited<ReturnType<FaultApp["inspect"]>>["web"];

/**
 * Brings the next deploy of each app to the middle of its step, lets `strike` act on the engine, and checks the result.
 * @param identity what must stay the same of a process that ran before.
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
    // The engine restarts containers that ended with it.
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
    // A builder's state is lost when it stops.
    if (step !== "build") await eventually(() => expect([step, app.heldCount()]).toEqual([step, 0]));
  });
  await Promise.all(next);
}

/** An app for each step, on an engine that may be stopped. */
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

  test("keeps old processes when the engine restarts in the middle of each step, and the next deploy succeeds", async () => {
    await struckInTheMiddle(
      all,
      () => own.restart(),
      async () => {},
    );
    all.delete("first-postdeploy");
  }, 300_000);
  return { all, kill: () => own.kill("SIGKILL"), restart: () => own.restart() };
}

describe.skipIf(given)("engine that stops", { tags: ["full"] }, () => {
  const { all, kill, restart } = struckApps(false);

  test("reports an engine that stops for good, and the next deploy succeeds", async () => {
    const comeBack = async () => {
      await restart();
      // A killed engine treats containers that it ends on its return as stopped by a user.
      for (const app of all.values()) expect(await app.oneoff("start", app.app)).toMatchObject({ code: 0 });
    };
    await struckInTheMiddle(all, kill, comeBack, ({ image }) => image);
  }, 300_000);
});

describe.skipIf(given)("engine with live restore", { ...needs("live restore"), tags: ["full"] }, () => {
  struckApps(true);
});

describe.skipIf(given)("engine that hangs", { tags: ["full"] }, () => {
  test("exits at the third ^C when the engine hangs, and the next deploy succeeds", async () => {
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
