import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Env } from "../app/env.ts";
import { unreadable, unwritable } from "../errors/files.ts";
import { badEnvStore, noConfigFolder } from "../errors/host.ts";
import type { EnvStore } from "../oneoff/apps/env-store.ts";
import { makeFolder } from "../oneoff/files/make-folder.ts";
import { readWhole } from "../streams/read-whole.ts";
import { behindLinks, replaceFile } from "./atomic-file.ts";

/** `$XDG_CONFIG_HOME/oneoff/env/<app>.json`, an object of strings. An app has one deploy at a time. */
export function envFiles(env: Readonly<Record<string, string | undefined>>): EnvStore {
  const home = env.XDG_CONFIG_HOME || (env.HOME && join(env.HOME, ".config"));
  const fileOf = (app: string) => home && join(home, "oneoff", "env", `${app}.json`);
  return {
    read(app) {
      const file = fileOf(app);
      return new Map(file ? Object.entries(read(file)) : []);
    },
    write(app, values) {
      const file = fileOf(app);
      if (!file && values.size === 0) return;
      if (!file) throw noConfigFolder();
      try {
        if (values.size === 0) rmSync(file, { force: true });
        else keep(file, values);
      } catch (error) {
        throw unwritable(file, error);
      }
    },
  };
}

function keep(file: string, values: Env): void {
  makeFolder(dirname(file));
  replaceFile(behindLinks(file), `${JSON.stringify(Object.fromEntries(values), null, 2)}\n`);
}

function read(file: string): Record<string, string> {
  let text: string;
  try {
    text = readWhole(file).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw unreadable("variables", file, error);
  }
  try {
    const values: unknown = JSON.parse(text);
    if (values && typeof values === "object" && Object.values(values).every((value) => typeof value === "string")) {
      return values as Record<string, string>;
    }
  } catch {
    // The error must not contain text of the file.
  }
  throw badEnvStore(file);
}
