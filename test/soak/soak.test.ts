import { expect, inject, test } from "vitest";
import { fastExits } from "../support/fast-exits.ts";
import { oneoffSuite } from "../support/oneoff-suite.ts";

const suite = oneoffSuite(inject("engineHost"));

test("10,000 fast exits lose no byte and no code, and leave nothing (case 38)", async () => {
  expect(await fastExits(suite, 10_000)).toEqual([]);
  await suite.gone();
});
