import { posix } from "node:path";
import type { ComposeFiles } from "./project.ts";

/** In Compose's search order. */
const FILES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/**
 * Whether there can be a Compose project; without one, nothing of Compose need be loaded. The files of a project are also
 * named by variables, which `.env` may set.
 */
export function mayHaveProject({ cwd, env, exists }: Pick<ComposeFiles, "cwd" | "env" | "exists">): boolean {
  const isNamed = Boolean(env.COMPOSE_FILE || env.COMPOSE_ENV_FILES);
  return isNamed || exists(posix.join(cwd, ".env")) || nearestComposeFiles(cwd, exists) !== undefined;
}

/** Finds the Compose file and its override in the nearest folder from the working folder upwards. */
export function nearestComposeFiles(folder: string, exists: (path: string) => boolean): string[] | undefined {
  const first = (names: readonly string[]) => names.map((name) => posix.join(folder, name)).find(exists);
  const main = first(FILES);
  const parent = posix.dirname(folder);
  if (main === undefined) return parent === folder ? undefined : nearestComposeFiles(parent, exists);
  const override = first(OVERRIDES);
  return override === undefined ? [main] : [main, override];
}
