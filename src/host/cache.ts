import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cache } from "../oneoff/apps/image-procfile.ts";
import { makeFolder } from "../oneoff/files/make-folder.ts";
import { readWhole } from "../streams/read-whole.ts";

/** Files below `$XDG_CACHE_HOME/oneoff`; none without a home directory. */
export function fileCache(env: Readonly<Record<string, string | undefined>>, random: () => number): Cache {
  const home = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, ".cache"));
  const folder = home && join(home, "oneoff");
  return {
    get(key) {
      try {
        return folder ? readWhole(join(folder, key)).toString() : undefined;
      } catch {
        // Absent or unreadable: the value is read from the image.
        return undefined;
      }
    },
    set(key, text) {
      if (!folder) return;
      try {
        makeFolder(folder);
        // Atomic, because another run may be reading.
        const fresh = join(folder, `.${key}.${Math.floor(random() * 1e9)}`);
        writeFileSync(fresh, text, { mode: 0o600 });
        renameSync(fresh, join(folder, key));
      } catch {
        // Without a writable folder the next run is only slower.
      }
    },
  };
}
