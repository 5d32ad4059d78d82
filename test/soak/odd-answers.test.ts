import { expect, inject, test } from "vitest";
import { fuzz, recordings } from "../support/answer-fuzzer.ts";
import { oneoffSuite } from "../support/oneoff-suite.ts";
import { recordedCommands } from "../support/recorded-commands.ts";

const suite = oneoffSuite(inject("engineHost"));

const ROUNDS = Number(process.env.ONEOFF_FUZZ_ROUNDS ?? 10_000);
const SEED = Number(process.env.ONEOFF_FUZZ_SEED ?? 1);

test(`reports ${ROUNDS} odd answers of an engine in one line each`, async () => {
  await using mine = suite.apart();
  expect(await fuzz([...recordings(), ...(await recordedCommands(mine))], ROUNDS, SEED)).toEqual([]);
});
