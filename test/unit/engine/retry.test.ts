import { expect, test } from "vitest";
import { retry } from "../../../src/engine/retry.ts";

const temporary = new Error("temporary");
const isTemporary = (error: unknown) => error === temporary;

/** A request that fails with each of the errors in turn, and then returns the number of attempts. */
const failingWith = (...errors: Error[]) => {
  let attempts = 0;
  return async () => {
    const error = errors[attempts++];
    if (error) throw error;
    return attempts;
  };
};

test("retries a temporary error up to the maximum number of attempts", async () => {
  await expect(retry({ maxAttempts: 3, isTemporary }, failingWith(temporary, temporary))).resolves.toBe(3);
  const failing = failingWith(temporary, temporary, temporary);
  await expect(retry({ maxAttempts: 3, isTemporary }, failing)).rejects.toBe(temporary);
});

test("throws any other error at once", async () => {
  const other = new Error("other");
  await expect(retry({ maxAttempts: 3, isTemporary }, failingWith(other))).rejects.toBe(other);
  await expect(retry({ maxAttempts: 3, isTemporary }, failingWith(temporary, other))).rejects.toBe(other);
});

test("stops the pause when the signal is aborted", async () => {
  const controller = new AbortController();
  const options = { maxAttempts: 2, isTemporary, pauseMs: 600_000, signal: controller.signal };
  const retrying = retry(options, failingWith(temporary));
  controller.abort();
  await expect(retrying).rejects.toMatchObject({ name: "AbortError" });
});
