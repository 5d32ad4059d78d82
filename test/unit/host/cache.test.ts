import { stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { fileCache } from "../../../src/host/cache.ts";
import { folder } from "../../support/folder.ts";

test("keeps a value in a file that only its user can read", async () => {
  await using place = await folder({});
  const cache = fileCache({ XDG_CACHE_HOME: place.path }, () => 0.5);
  expect(cache.get("key")).toBeUndefined();
  cache.set("key", "value");
  expect(cache.get("key")).toBe("value");
  expect((await stat(`${place.path}/oneoff/key`)).mode & 0o777).toBe(0o600);
});
