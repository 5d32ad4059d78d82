import { expect, test } from "vitest";
import { again } from "../../../src/engine/again.ts";

const passing = new Error("passing");
const passes = (error: unknown) => error === passing;

/** Fails with each of these, one after the other, and then tells how often it was asked. */
const after = (...errors: Error[]) => {
  let asked = 0;
  return async () => {
    const error = errors[asked++];
    if (error) throw error;
    return asked;
  };
};

test("what passes is asked for again, as often as was said and no oftener", async () => {
  await expect(again({ times: 3, passes }, after(passing, passing))).resolves.toBe(3);
  await expect(again({ times: 3, passes }, after(passing, passing, passing))).rejects.toBe(passing);
});

test("anything else is thrown at once", async () => {
  const other = new Error("other");
  await expect(again({ times: 3, passes }, after(other))).rejects.toBe(other);
  await expect(again({ times: 3, passes }, after(passing, other))).rejects.toBe(other);
});

test("a signal ends the pause, which is as long as was said", async () => {
  const controller = new AbortController();
  const asking = again({ times: 2, passes, wait: 600_000, signal: controller.signal }, after(passing));
  controller.abort();
  await expect(asking).rejects.toMatchObject({ name: "AbortError" });
});
