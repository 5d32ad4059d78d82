import { expect, test } from "vitest";
import { fileCache } from "../../../src/host/cache.ts";
import { versionMemory } from "../../../src/host/version-memory.ts";
import { folder } from "../../support/folder.ts";

const at = (socketPath: string) => ({ socketPath, from: "--host" }) as const;

test("remembers the version of each engine until it is forgotten", async () => {
  await using place = await folder();
  const open = () => versionMemory(fileCache({ XDG_CACHE_HOME: place.path }, Math.random));
  expect(open().recall(at("/a"))).toBeUndefined();
  open().store(at("/a"), "1.41");
  expect(open().recall(at("/a"))).toBe("1.41");
  expect(open().recall(at("/b"))).toBeUndefined();
  open().store(at("/a"), undefined);
  expect(open().recall(at("/a"))).toBeUndefined();
});

test.each(["", "x", "1.41\n1.42", "1.2345"])("ignores the damaged entry %j", (text) =>
  expect(versionMemory({ get: () => text, set: () => {} }).recall(at("/a"))).toBeUndefined(),
);
