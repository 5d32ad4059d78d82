import { expect, test } from "vitest";
import { fuzzRound, recordings } from "../support/answer-fuzzer.ts";

/** ONEOFF_FUZZ_ROUNDS and ONEOFF_FUZZ_SEED choose others. */
const ROUNDS = Number(process.env.ONEOFF_FUZZ_ROUNDS ?? 500);
const SEED = Number(process.env.ONEOFF_FUZZ_SEED ?? 7364);

test(`reports ${ROUNDS} odd answers of an engine in one line each`, async () => {
  const all = recordings();
  expect(all.length).toBeGreaterThan(100);
  const faults: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { what, code, out, err } = await fuzzRound(all, SEED + round);
    const shown = out + err;
    const isFault =
      code === undefined ||
      /fault of oneoff itself|^ +at |TypeError/m.test(shown) ||
      /[\x00-\x08\x0b-\x1f\x7f]|^forged/m.test(shown);
    if (isFault) faults.push(`seed ${SEED + round}, exit code ${code}: ${what}\n${shown}`);
  }
  expect(faults).toEqual([]);
}, 900_000);
