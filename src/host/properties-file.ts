import { dirname, join } from "node:path";
import { noProperties, type Properties } from "../app/properties.ts";
import { parseProperties, propertiesText } from "../app/properties-text.ts";
import { OneoffError } from "../errors/error.ts";
import { unreadable, unwritable } from "../errors/files.ts";
import { noConfigFolder } from "../errors/host.ts";
import { makeFolder } from "../oneoff/files/make-folder.ts";
import type { Owner } from "../oneoff/reaping/owner.ts";
import { readWhole } from "../streams/read-whole.ts";
import { behindLinks, replaceFile } from "./atomic-file.ts";
import { withFileLock } from "./file-lock.ts";

/** The properties of apps, per user. */
export interface PropertiesFile {
  /** @throws `bad-properties` for an invalid file, which is never overwritten. */
  read(): Properties;
  /** Safe for concurrent writers. @param change receives the current properties. */
  change(change: (now: Properties) => Properties): Promise<void>;
}

/** `$XDG_CONFIG_HOME/oneoff/properties.json`. Always complete for readers, even if a writer is killed. */
export function propertiesFile(env: Readonly<Record<string, string | undefined>>, owner: Owner): PropertiesFile {
  const home = env.XDG_CONFIG_HOME || (env.HOME && join(env.HOME, ".config"));
  const file = home && join(home, "oneoff", "properties.json");
  return {
    read: () => (file ? read(file) : noProperties),
    async change(change) {
      if (!file) throw noConfigFolder();
      try {
        makeFolder(dirname(file));
        const target = behindLinks(file);
        await withFileLock(`${target}.lock`, owner, () => replaceFile(target, propertiesText(change(read(file)))));
      } catch (error) {
        throw error instanceof OneoffError ? error : unwritable(file, error);
      }
    },
  };
}

function read(file: string): Properties {
  let bytes: Uint8Array;
  try {
    bytes = readWhole(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return noProperties;
    throw unreadable("properties", file, error);
  }
  return parseProperties(bytes, file);
}
