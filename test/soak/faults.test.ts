import { expect, inject, test } from "vitest";
import { DEPLOYS, SUBJECTS } from "../support/fault-subjects.ts";
import { allFaults, requestsOf, sweep } from "../support/fault-sweep.ts";

const host = inject("engineHost");

test.each(Object.entries(SUBJECTS))("%s never reports success that did not happen", async (_name, make) => {
  const begin = make(host);
  expect(await sweep(host, begin, allFaults(await requestsOf(host, begin)))).toEqual([]);
});

test.each(Object.entries(DEPLOYS))("%s never reports success that did not happen", async (_name, make) => {
  await using subjects = await make(host);
  expect(await sweep(host, subjects.begin, allFaults(await requestsOf(host, subjects.begin)))).toEqual([]);
});
