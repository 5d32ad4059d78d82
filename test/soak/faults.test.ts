import { expect, inject, test } from "vitest";
import { DEPLOYS, SUBJECTS } from "../support/fault-subjects.ts";
import { requestsOf, sweep } from "../support/fault-sweep.ts";
import { type Fault, PLACES } from "../support/faulty-engine.ts";

const host = inject("engineHost");

/** Everything at each request. A stalled answer is the same wherever it stops. */
const all = (requests: readonly string[]): Fault[] =>
  requests.flatMap((request) => [
    ...PLACES.flatMap((at): Fault[] => [
      { kind: "cut", request, at },
      { kind: "reset", request, at },
      { kind: "cut", request, at, forGood: true },
    ]),
    { kind: "stall", request, at: "start" },
  ]);

test.each(Object.entries(SUBJECTS))("%s never reports success that did not happen", async (_name, make) => {
  const begin = make(host);
  expect(await sweep(host, begin, all(await requestsOf(host, begin)))).toEqual([]);
});

test.each(Object.entries(DEPLOYS))("%s never reports success that did not happen", async (_name, make) => {
  await using subjects = await make(host);
  expect(await sweep(host, subjects.begin, all(await requestsOf(host, subjects.begin)))).toEqual([]);
});
