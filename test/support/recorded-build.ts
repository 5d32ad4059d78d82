import { readFileSync } from "node:fs";

/** A recorded build response of Engine 20.10. */
export const recordedBuild = (
  name: "buildkit" | "buildkit-cached" | "buildkit-failing" | "classic" | "classic-cached" | "classic-failing",
): string => readFileSync(new URL(`../fixtures/build/${name}.ndjson`, import.meta.url), "utf8");
