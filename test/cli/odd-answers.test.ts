import { expect, test } from "vitest";
import { fuzz, recordings } from "../support/answer-fuzzer.ts";

/** ONEOFF_FUZZ_ROUNDS and ONEOFF_FUZZ_SEED override these. */
const ROUNDS = Number(process.env.ONEOFF_FUZZ_ROUNDS ?? 500);
const SEED = Number(process.env.ONEOFF_FUZZ_SEED ?? 7364);

test(`reports ${ROUNDS} odd answers of an engine in one line each`, async () => {
  const all = recordings();
  expect(all.length).toBeGreaterThan(100);
  expect(await fuzz(all, ROUNDS, SEED)).toEqual([]);
}, 900_000);
