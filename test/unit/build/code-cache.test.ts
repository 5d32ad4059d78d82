import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withoutCodeCache } from "../../../build/code-cache.ts";
import { folder } from "../../support/folder.ts";

const MAIN = "require('node:v8').startupSnapshot.setDeserializeMainFunction(() => {});";

test("only the code cache of the pinned Node's own modules leaves the blob", { timeout: 60_000 }, async () => {
  const config = { main: "main.cjs", output: "blob", useSnapshot: true, execArgv: ["--an-option"] };
  await using dir = await folder({ "main.cjs": MAIN, "sea.json": JSON.stringify(config) });
  execFileSync(process.execPath, ["--experimental-sea-config", "sea.json"], { cwd: dir.path, stdio: "pipe" });
  const whole = readFileSync(`${dir.path}/blob`);
  const reduced = withoutCodeCache(whole);
  expect(whole.length - reduced.length).toBeGreaterThan(3_000_000);
  // The snapshot of V8 comes before the cache, and the options after it.
  const path = "main.cjs".length;
  const snapshot = 9 + 8 + path + 8;
  expect(reduced.subarray(0, snapshot - 8)).toEqual(whole.subarray(0, snapshot - 8));
  const length = Number(reduced.readBigUInt64LE(snapshot - 8));
  expect(reduced.subarray(snapshot, snapshot + length - 8)).toEqual(whole.subarray(snapshot, snapshot + length - 8));
  expect(reduced.readBigUInt64LE(snapshot + length - 8)).toBe(0n);
  expect(reduced.subarray(snapshot + length).toString("latin1")).toContain("--an-option");
  expect(whole.indexOf(reduced.subarray(snapshot + length))).toBeGreaterThan(snapshot + length);
});

test("a blob without a code cache is refused", () => {
  const length = (value: number) => Buffer.from([value, 0, 0, 0, 0, 0, 0, 0]);
  const blob = Buffer.concat([Buffer.alloc(9), length(4), Buffer.from("main"), length(40), Buffer.alloc(40, 1)]);
  expect(() => withoutCodeCache(blob)).toThrow("This Node stores its code cache in another way");
});
