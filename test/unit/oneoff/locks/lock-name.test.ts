import { expect, test } from "vitest";
import { lockName } from "../../../../src/oneoff/locks/lock-name.ts";

test.each([
  ["migrate", "oneoff.lock.migrate"],
  ["my-app_v1.2", "oneoff.lock.my-app_v1.2"],
  [".-_", "oneoff.lock..-_"],
  ["x".repeat(60), `oneoff.lock.${"x".repeat(60)}`],
])("keeps the key %j in the name", (key, name) => {
  expect(lockName(key)).toBe(name);
});

test("makes an unsafe key safe and keeps it unique", () => {
  expect(lockName("a/b")).toBe("oneoff.lock.a-b.3a8e75c1");
  const names = ["a/b", "a b", "a:b", "a-b", "a//b", "ä", "ö", "\n", "x".repeat(61), "x".repeat(62)].map(lockName);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,90}$/);
});
