import { readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { locked } from "../../../src/host/locked.ts";
import { folder } from "../../support/folder.ts";

/** Of those that this one knows, only these live; what it knows nothing of is "elsewhere". */
const owner = (self: string, ...alive: string[]) => ({
  self,
  isAlive: (one: string) => (one.startsWith("elsewhere") ? undefined : alive.includes(one)),
});

test("what is done is done while the lock is held, and nothing of it is left", async () => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  const seen = await locked(lock, owner("here:1:1"), () => readdirSync(place.path));
  expect([seen, readdirSync(place.path)]).toEqual([["lock"], []]);
});

test("the lock is given back when what is done fails", async () => {
  await using place = await folder();
  const failing = locked(join(place.path, "lock"), owner("here:1:1"), () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(readdirSync(place.path)).toEqual([]);
});

test.each([
  ["is dead", ["here:7:7"], 10_000],
  ["is dead, as is who was about to take it away", ["here:7:7", "here:8:8", "here:9:9"], 10_000],
  ["is of another machine, and has had it too long", ["elsewhere:7:7"], 50],
])("it is taken from one who %s", async (_what, holders, patience) => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  for (const [index, holder] of holders.entries()) symlinkSync(holder, `${lock}${".stale".repeat(index)}`);
  const start = performance.now();
  expect(await locked(lock, owner("here:1:1"), () => "done", patience)).toBe("done");
  expect(performance.now() - start).toBeLessThan(8_000);
  expect(readdirSync(place.path)).toEqual([]);
});

test("it is never taken from one who lives", async () => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  symlinkSync("here:7:99", lock);
  await expect(locked(lock, owner("here:1:1", "here:7:99"), () => "done", 50)).rejects.toMatchObject({
    code: "properties-locked",
    message: `Timeout: lock "${lock}" is held by process 7`,
    next: "stop that process, then try again",
  });
  expect(readdirSync(place.path)).toEqual(["lock"]);
});

test("one who was given up on does not take it from the next", async () => {
  await using place = await folder();
  const lock = join(place.path, "lock");
  await locked(lock, owner("here:1:1"), () => {
    rmSync(lock);
    symlinkSync("elsewhere:2:2", lock);
  });
  expect(readlinkSync(lock)).toBe("elsewhere:2:2");
});
