import { expect, inject, test } from "vitest";
import { fuzz } from "../support/answer-fuzzer.ts";
import { oneoffSuite } from "../support/oneoff-suite.ts";
import { recordedCommands } from "../support/recorded-commands.ts";

const suite = oneoffSuite(inject("engineHost"));

const ROUNDS = Number(process.env.ONEOFF_FUZZ_ROUNDS ?? 500);
const SEED = Number(process.env.ONEOFF_FUZZ_SEED ?? 7364);

test(`reports ${ROUNDS} odd answers, derived from a real engine's, in one line each`, async () => {
  await using mine = suite.apart();
  const all = await recordedCommands(mine);
  expect(all.map(({ argv, code }) => `${argv[0]} ${code}`)).toEqual([
    ...["ps 0", "ps 0", "apps 0", "locks 0", "releases 0", "logs 0", "logs 0", "wait 3", "cp 0"],
    ...["run 0", "run 0", "stop 0"],
  ]);
  expect(await fuzz(all, ROUNDS, SEED)).toEqual([]);
}, 900_000);
