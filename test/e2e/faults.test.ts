import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { DEPLOYS, SUBJECTS } from "../support/fault-subjects.ts";
import { allFaults, requestsOf, sweep } from "../support/fault-sweep.ts";
import { type Fault, faultyEngine } from "../support/faulty-engine.ts";
import { BINARY, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { randomOf } from "../support/random.ts";

/**
 * A sample of possible connection faults, the same each time; the soak tests try everything. The engine is private:
 * `reap` would stop the one-offs of other tests whose owner was killed.
 */

const SEED = 7364;

/** The number of sampled faults for each subject. */
const SAMPLES: Readonly<Record<keyof typeof SUBJECTS, number>> = {
  run: 12,
  "run --detach": 3,
  exec: 6,
  attach: 3,
  wait: 2,
  "logs --raw --follow": 3,
  logs: 2,
  "cp from a one-off": 2,
  "cp to a one-off": 3,
  "cp of an archive": 2,
};

/** Faults that once failed, or take a path of their own. */
const CHOSEN: Partial<Record<keyof typeof SUBJECTS, readonly Fault[]>> = {
  run: [
    { kind: "cut", request: "POST /containers/create", at: "start", forGood: true },
    { kind: "cut", request: "POST /containers/ID/start", at: "start", forGood: true },
    { kind: "cut", request: "POST /containers/ID/attach", at: "body" },
    { kind: "cut", request: "GET /containers/ID/archive", at: "middle" },
    { kind: "stall", request: "POST /containers/create", at: "start" },
    { kind: "stall", request: "GET /containers/ID/archive", at: "middle" },
  ],
  exec: [{ kind: "cut", request: "POST /exec/ID/start", at: "body" }],
  "logs --raw --follow": [{ kind: "cut", request: "POST /containers/ID/attach", at: "middle" }],
};

function sample(requests: readonly string[], count: number): Fault[] {
  const random = randomOf(SEED);
  const faults = allFaults(requests);
  return Array.from({ length: count }, () => faults[Math.floor(random() * faults.length)] as Fault);
}

describe("faulty engine", needs("its own"), () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startEngine();
    await baseImage(engine.host);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  const tried = async (name: keyof typeof SUBJECTS, samples: number) => {
    const begin = SUBJECTS[name](engine.host);
    const faults = [...(CHOSEN[name] ?? []), ...sample(await requestsOf(engine.host, begin), samples)];
    expect(await sweep(engine.host, begin, faults)).toEqual([]);
  };
  const names = Object.keys(SUBJECTS) as (keyof typeof SUBJECTS)[];
  test.concurrent.each(["run", "exec"] as const)("%s reports no false success at a few faulty requests", (name) =>
    tried(name, 1),
  );
  test.concurrent.each(names)("%s reports no false success at a faulty request", { tags: ["full"] }, (name) =>
    tried(name, SAMPLES[name]),
  );

  test.concurrent("a rollback reports no false success when it is cut while it replaces processes", {
    tags: ["full"],
  }, async () => {
    await using subjects = await DEPLOYS.rollback(engine.host);
    const faults: Fault[] = [
      { kind: "cut", request: "POST /containers/ID/rename #2", at: "start" },
      { kind: "reset", request: "POST /images/sha256:ID/tag #2", at: "start" },
      { kind: "cut", request: "POST /containers/ID/stop", at: "request" },
    ];
    expect(await sweep(engine.host, subjects.begin, faults)).toEqual([]);
  });

  test.concurrent("gives up on an engine that stops in the middle of an answer", { tags: ["full"] }, async () => {
    await using faulty = await faultyEngine(engine.host, { kind: "stall", request: "GET /images/json", at: "body" });
    const live = await start([BINARY, "releases", "app"], { env: { DOCKER_HOST: faulty.host }, timeout: 100_000 });
    expect(await said(live)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^oneoff: Cannot reach .*: it stopped in the middle of an answer\n {2}try again.*\n$/,
      ),
    });
  });
});
