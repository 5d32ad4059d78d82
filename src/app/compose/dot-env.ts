import { posix } from "node:path";
import { unreadable } from "../../errors/files.ts";
import { parseComposeEnv } from "../compose-env.ts";
import { type Env, type Inherited, mergeEnv } from "../env.ts";
import type { Loading } from "./loading.ts";
import type { ComposeFiles } from "./project.ts";

/** `.env` of the folder, if it exists. */
export function defaultEnvFile(folder: string, { exists }: ComposeFiles): string[] {
  const file = posix.join(folder, ".env");
  return exists(file) ? [file] : [];
}

/** Variables of these files; later files override earlier ones, and can use their variables. */
export function readDotEnv(paths: readonly string[], inherited: Inherited, loading: Loading): Inherited {
  let earlier: Env = new Map();
  for (const path of paths) {
    const bytes = readBytes(path, loading);
    if (bytes)
      earlier = mergeEnv(
        earlier,
        parseComposeEnv(bytes, path, { inherited, earlier, unset: (name) => loading.unset(path, name) }),
      );
  }
  return Object.fromEntries(earlier);
}

function readBytes(path: string, { files }: Loading): Uint8Array | undefined {
  try {
    return files.readFile(path);
  } catch (error) {
    const isFolder = (error as NodeJS.ErrnoException).code === "EISDIR";
    if (isFolder && posix.basename(path) === ".env") return undefined;
    throw unreadable("env file", path, error, "create the file, or fix its path");
  }
}
