import { expect, test } from "vitest";
import { OneoffError } from "../../../../src/errors/error.ts";
import { ours, recordedCases } from "../../../support/compose-config.ts";

test.each(recordedCases())("reads like Compose: $name", (one) => {
  const answer = ours(one);
  if (one.answer === "refused") expect(answer === "refused" || answer instanceof OneoffError).toBe(true);
  else expect(answer).toEqual(one.answer);
});
