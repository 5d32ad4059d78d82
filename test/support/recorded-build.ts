import { readFileSync } from "node:fs";

/** What Engine 20.10 has answered to a build: of one kind or the other, failing or not, from its cache or not. */
export const recordedBuild = (
  name: "buildkit" | "buildkit-cached" | "buildkit-failing" | "classic" | "classic-cached" | "classic-failing",
): string => readFileSync(new URL(`../fixtures/build/${name}.ndjson`, import.meta.url), "utf8");
