import { expect, test } from "vitest";
import { hasKnownEnv, noteProcesses, readKnownProcesses } from "../../../src/deploy/known-processes.ts";
import { memoryCache } from "../../support/memory-cache.ts";

const imageEnv = new Map([
  ["PATH", "/bin"],
  ["PORT", "80"],
]);
const web = { id: "c1", env: ["A=1", "B=2"] };

test("knows the variables of noted processes in any order, and PORT of their image", () => {
  const cache = memoryCache();
  noteProcesses(cache, "a", { imageEnv }, [web]);
  const known = readKnownProcesses(cache, "a");
  expect(known?.imagePort).toBe("80");
  const isKnown = (id: string, ...env: string[]) => known && hasKnownEnv(known, { id, env });
  expect(isKnown("c1", "B=2", "A=1")).toBe(true);
  expect([isKnown("c1", "A=1"), isKnown("c1", "A=1", "B=3"), isKnown("c2", "A=1", "B=2")]).toEqual([
    false,
    false,
    false,
  ]);
  // A cache is less protected than the variables.
  expect(cache.get("processes-a")).not.toContain("A=1");
});

test("notes nothing for an image with a launcher", () => {
  const cache = memoryCache();
  const launcher = { kind: "herokuish", isDirect: false, processes: new Map() } as const;
  noteProcesses(cache, "a", { imageEnv, launcher }, [web]);
  expect(readKnownProcesses(cache, "a")).toBeUndefined();
});

test.each([undefined, "", "{", "null", "1", "{}", '{"digests": null}'])("knows nothing from %j", (text) =>
  expect(readKnownProcesses(memoryCache(text), "a")).toBeUndefined(),
);
