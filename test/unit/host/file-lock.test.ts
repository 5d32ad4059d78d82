import { readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withFileLock } from "../../../src/host/file-lock.ts";
import { folder } from "../../support/folder.ts";

/** An owner that knows which processes live; processes named "elsewhere" are unknown to it. */
const owner = (self: string, ...alive: string[]) => ({
  self,
  isAlive: (one: string) => (one.startsWith("elsewhere") ? undefined : alive.includes(one)),
});

test("holds the lock while the function runs, then removes it", async () => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  const seen = await withFileLock(lock, owner("here:1:1"), () => readdirSync(place.path));
  expect([seen, readdirSync(place.path)]).toEqual([["lock"], []]);
});

test("releases the lock if the function fails", async () => {
  await using place = await folder();
  const failing = withFileLock(join(place.path, "lock"), owner("here:1:1"), () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(readdirSync(place.path)).toEqual([]);
});

test.each([
  ["is dead", ["here:7:7"], 10_000],
  ["is dead, like the process that was removing the lock", ["here:7:7", "here:8:8", "here:9:9"], 10_000],
  ["is on another machine, after a timeout", ["elsewhere:7:7"], 50],
])("takes the lock from a holder that %s", async (_what, holders, patience) => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  for (const [index, holder] of holders.entries()) symlinkSync(holder, `${lock}${".stale".repeat(index)}`);
  const start = performance.now();
  expect(await withFileLock(lock, owner("here:1:1"), () => "done", patience)).toBe("done");
  expect(performance.now() - start).toBeLessThan(8_000);
  expect(readdirSync(place.path)).toEqual([]);
});

test("never takes the lock from a live process", async () => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  symlinkSync("here:7:99", lock);
  await expect(withFileLock(lock, owner("here:1:1", "here:7:99"), () => "done", 50)).rejects.toMatchObject({
    code: "properties-locked",
    message: `Timeout: lock "${lock}" is held by process 7`,
    next: "stop that process, then try again",
  });
  expect(readdirSync(place.path)).toEqual(["lock"]);
});

test("does not release a lock that another process has taken over", async () => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  await withFileLock(lock, owner("here:1:1"), () => {
    rmSync(lock);
    symlinkSync("elsewhere:2:2", lock);
  });
  expect(readlinkSync(lock)).toBe("elsewhere:2:2");
});
