import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseLightText } from "../../../../src/cli/topics/light-text.ts";
import { TOPICS } from "../../../../src/cli/topics/topics.ts";

const src = fileURLToPath(new URL("../../../../src", import.meta.url));

test("lists every environment variable that the sources read", async () => {
  const read = new Set<string>();
  for await (const path of glob(`${src}/**/*.ts`)) {
    for (const [, name = ""] of readFileSync(path, "utf8").matchAll(/\benv\.([A-Z][A-Z_]+)\b/g)) read.add(name);
  }
  expect(read.size).toBeGreaterThan(15);
  const explained = parseLightText(TOPICS.get("environment")?.text(new Map()) ?? "").flatMap((block) =>
    block.kind === "row" ? block.term.split(", ") : [],
  );
  expect([...read].filter((name) => !explained.includes(name))).toEqual([]);
});
