import { describe, expect, inject, test } from "vitest";
import { DEPLOYS, SUBJECTS } from "../support/fault-subjects.ts";
import { allFaults, requestsOf, sweep } from "../support/fault-sweep.ts";
import { type Fault, faultyEngine } from "../support/faulty-engine.ts";
import { BINARY, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { randomOf } from "../support/random.ts";

/** Some of all that can go wrong on the way to an engine, the same each time; the soak tests try everything. */

const host = inject("engineHost");

const SEED = 7364;

/** How many faults of each subject are tried besides those below. */
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

/** What has been done wrongly, or takes a way of its own. */
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

describe.concurrent("success is never reported that did not happen", () => {
  const tried = async (name: keyof typeof SUBJECTS, samples: number) => {
    const begin = SUBJECTS[name](host);
    const faults = [...(CHOSEN[name] ?? []), ...sample(await requestsOf(host, begin), samples)];
    expect(await sweep(host, begin, faults)).toEqual([]);
  };
  const names = Object.keys(SUBJECTS) as (keyof typeof SUBJECTS)[];
  test.each(["run", "exec"] as const)("by %s, at a few requests", (name) => tried(name, 1));
  test.each(names)("by %s", { tags: ["full"] }, (name) => tried(name, SAMPLES[name]));

  test("by a rollback that is cut while processes take their places", { tags: ["full"] }, async () => {
    await using subjects = await DEPLOYS.rollback(host);
    const faults: Fault[] = [
      { kind: "cut", request: "POST /containers/ID/rename #2", at: "start" },
      { kind: "reset", request: "POST /images/sha256:ID/tag #2", at: "start" },
      { kind: "cut", request: "POST /containers/ID/stop", at: "request" },
    ];
    expect(await sweep(host, subjects.begin, faults)).toEqual([]);
  });

  test("by an engine that stops in the middle of an answer: it is given up", { tags: ["full"] }, async () => {
    await using engine = await faultyEngine(host, { kind: "stall", request: "GET /images/json", at: "body" });
    const live = await start([BINARY, "releases", "app"], { env: { DOCKER_HOST: engine.host }, timeout: 100_000 });
    expect(await said(live)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^oneoff: Cannot reach .*: it stopped in the middle of an answer\n {2}try again.*\n$/,
      ),
    });
  });
});
