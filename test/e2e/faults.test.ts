import { describe, expect, inject, test } from "vitest";
import { SUBJECTS } from "../support/fault-subjects.ts";
import { requestsOf, sweep } from "../support/fault-sweep.ts";
import { type Fault, PLACES } from "../support/faulty-engine.ts";

/** Of all that can go wrong on the way to an engine, something at each request; the soak tests try everything. */

const host = inject("engineHost");

/** The places in turn, and each other fault a reset. */
const some = (requests: readonly string[]): Fault[] =>
  requests.map((request, index) => ({
    kind: index % 2 === 0 ? "cut" : "reset",
    request,
    at: PLACES[index % PLACES.length] as (typeof PLACES)[number],
  }));

describe.concurrent("success is never reported that did not happen", () => {
  test("by exec", async () => {
    const begin = SUBJECTS.exec(host);
    expect(await sweep(host, begin, some(await requestsOf(host, begin)))).toEqual([]);
  });

  test("by a run whose engine goes, or never answers", async () => {
    const begin = SUBJECTS.run(host);
    const faults: Fault[] = [
      { kind: "cut", request: "POST /containers/create", at: "start", forGood: true },
      { kind: "cut", request: "POST /containers/ID/start", at: "start", forGood: true },
      { kind: "cut", request: "POST /containers/ID/attach", at: "body" },
      { kind: "stall", request: "POST /containers/create", at: "start" },
      { kind: "stall", request: "GET /containers/ID/archive", at: "middle" },
    ];
    expect(await sweep(host, begin, faults)).toEqual([]);
  });
});
