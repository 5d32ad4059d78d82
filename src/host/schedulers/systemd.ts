import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Entries } from "../../app/cron/launch.ts";
import { isUnitName, isUnitOf } from "../../app/cron/units.ts";
import { foreignUnit, systemctlFailed, systemctlMissing, unitUnwritable } from "../../errors/cron.ts";
import { unreadable } from "../../errors/files.ts";
import { noConfigFolder } from "../../errors/host.ts";
import { makeFolder } from "../../oneoff/files/make-folder.ts";
import { readWhole } from "../../streams/read-whole.ts";
import { replaceFile } from "../atomic-file.ts";
import type { RunProgram } from "./run-program.ts";
import type { Scheduler } from "./scheduler.ts";

/** systemd warns of units that others can write. */
const UNIT_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** Timers of systemd: of the system, or of a user, who may have no home folder. */
export function systemdScheduler(
  kind: "systemd" | "systemd-user",
  folder: string | undefined,
  run: RunProgram,
): Scheduler {
  async function systemctl(...args: readonly string[]): Promise<void> {
    const argv = ["systemctl", ...(kind === "systemd-user" ? ["--user"] : []), ...args];
    const { code, stderr } = await run(argv).catch((error: unknown) => {
      throw systemctlMissing(error);
    });
    if (code !== 0) throw systemctlFailed(argv, stderr);
  }

  const place = (name: string) => {
    if (!folder) throw noConfigFolder();
    return join(folder, name);
  };

  const read = (app: string): Entries =>
    new Map(
      (folder ? listNames(folder) : [])
        .filter((name) => isUnitName(app, name))
        .flatMap((name) => {
          const text = readUnit(place(name));
          return text !== undefined && isUnitOf(app, text) ? [[name, text]] : [];
        }),
    );

  return {
    kind,
    place,
    read: async (app) => read(app),
    async replace(app, entries) {
      const old = read(app);
      const changed = [...entries.keys()].filter((name) => old.get(name) !== entries.get(name));
      const removed = [...old.keys()].filter((name) => !entries.has(name));
      const foreign = changed.find((name) => !old.has(name) && readUnit(place(name)) !== undefined);
      if (foreign !== undefined) throw foreignUnit(place(foreign), app);
      const isEmpty = old.size + entries.size === 0;
      if (isEmpty) return;
      writing(place(""), () => makeFolder(place(""), FOLDER_MODE));
      for (const name of changed) {
        writing(place(name), () => replaceFile(place(name), entries.get(name) ?? "", UNIT_MODE));
      }
      const timers = (names: Iterable<string>) => [...names].filter((name) => name.endsWith(".timer"));
      if (timers(removed).length > 0) await systemctl("disable", "--now", ...timers(removed));
      for (const name of removed) writing(place(name), () => rmSync(place(name), { force: true }));
      // Also without a change: the last installation may have failed here.
      await systemctl("daemon-reload");
      if (entries.size > 0) await systemctl("enable", "--now", ...timers(entries.keys()));
      if (timers(changed).length > 0) await systemctl("restart", ...timers(changed));
    },
  };
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw unreadable("Cannot read", folder, error);
  }
}

/** @returns undefined if the file does not exist. */
function readUnit(file: string): string | undefined {
  try {
    return readWhole(file).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable("Cannot read", file, error);
  }
}

function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw unitUnwritable(file, error);
  }
}
