import { posix } from "node:path";
import { badComposeSetting, untrustedCompose } from "../../errors/compose.ts";
import type { Inherited } from "../env.ts";
import { defaultEnvFile, readDotEnv } from "./dot-env.ts";
import { nearestComposeFiles } from "./file-names.ts";
import type { Loading } from "./loading.ts";
import type { ComposeFiles } from "./project.ts";

export interface Discovery {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly folder: string;
  /** The environment with the variables of `.env`, which never override it. */
  readonly environment: Inherited;
}

/** Finds the files of the project: the files of COMPOSE_FILE, else the files in the nearest folder from the working folder upwards. */
export function discover(loading: Loading): Discovery | undefined {
  const { files } = loading;
  const base: Inherited = { PWD: files.cwd, ...files.env };
  const nearest = nearestComposeFiles(files.cwd, files.exists);
  const first = startEnvironment(base, nearest !== undefined, loading);
  const named = (first.COMPOSE_FILE ?? "") === "" ? undefined : namedFiles(first, files.cwd);
  const found = named ?? nearest;
  const [main] = found ?? [];
  if (!found || main === undefined) return undefined;
  if (!named) for (const file of found) requireTrust(file, "COMPOSE_FILE", found.join(":"), files);
  const folder = posix.dirname(main);
  const environment = { ...dotEnv(folder, first, loading), ...first };
  return { files: found, folder, environment };
}

/** The environment with `.env` of the working folder, in which COMPOSE_FILE may be set. */
function startEnvironment(base: Inherited, isNeeded: boolean, loading: Loading): Inherited {
  try {
    return { ...dotEnv(loading.files.cwd, base, loading), ...base };
  } catch (error) {
    // Without a project, an invalid .env belongs to another program.
    if (isNeeded || (base.COMPOSE_FILE ?? "") !== "") throw error;
    return base;
  }
}

function dotEnv(folder: string, environment: Inherited, loading: Loading): Inherited {
  const { cwd, env } = loading.files;
  const named = (env.COMPOSE_ENV_FILES ?? "").split(",").filter((file) => file !== "");
  if (named.length > 0)
    return readDotEnv(
      named.map((file) => posix.resolve(cwd, file)),
      environment,
      loading,
    );
  if (isDisabled(environment.COMPOSE_DISABLE_ENV_FILE)) return {};
  const found = defaultEnvFile(folder, loading.files);
  for (const file of found) requireTrust(file, "COMPOSE_ENV_FILES", file, loading.files);
  return readDotEnv(found, environment, loading);
}

function isDisabled(value: string | undefined): boolean {
  if (value === undefined || /^(0|f|false)$/i.test(value)) return false;
  if (/^(1|t|true)$/i.test(value)) return true;
  throw badComposeSetting("COMPOSE_DISABLE_ENV_FILE", value, "true or false");
}

function requireTrust(file: string, variable: string, value: string, files: ComposeFiles): void {
  const why = files.distrust(file);
  if (why !== undefined) throw untrustedCompose(file, why, variable, value);
}

function namedFiles({ COMPOSE_FILE: text = "", COMPOSE_PATH_SEPARATOR: separator }: Inherited, cwd: string): string[] {
  return text.split(separator || ":").map((file) => posix.resolve(cwd, file));
}
