import { readdirSync, realpathSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { containerPart } from "../app/app-name.ts";
import { placeOf } from "../engine/endpoint/endpoint.ts";
import type { Transport } from "../engine/transport.ts";
import { formatEntry, parseEntry } from "../oneoff/journal/entry.ts";
import type { Journal } from "../oneoff/journal/journal.ts";
import { fingerprint } from "../oneoff/locks/lock-name.ts";
import { appendLine, isLarge, newLines } from "./journal-lines.ts";
import { userName } from "./user-name.ts";

/**
 * NDJSON below `$XDG_STATE_HOME/oneoff/journal`, one file per engine and app; none without a home directory. A
 * large file is continued in `<engine>.<app>.2.ndjson`, and the previous file is kept. Files are never renamed:
 * concurrent writers could otherwise move a file that another writer has just started.
 * @param now in milliseconds since 1970.
 */
export function fileJournal(
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
  engine: Pick<Transport, "endpoint">,
): Journal {
  const home = env.XDG_STATE_HOME || (env.HOME && join(env.HOME, ".local", "state"));
  const folder = home && join(home, "oneoff", "journal");
  let ofEngine: string | undefined;
  let user: string | undefined;
  const stem = (app?: string) => {
    ofEngine ??= enginePart(placeOf(engine.endpoint));
    return app === undefined ? `${ofEngine}.` : `${ofEngine}.${containerPart(app).slice(0, 100)}.`;
  };

  const follow: Journal["follow"] = (app) => {
    const read = new Map<string, number>();
    return () =>
      (folder ? filesOf(folder, stem(app), app === undefined) : [])
        .flatMap((name) => newLines(join(folder as string, name), read))
        .flatMap((line) => parseEntry(line) ?? [])
        .filter((entry) => app === undefined || entry.app === app)
        .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  };

  return {
    append({ time = new Date(now()).toISOString(), ...entry }) {
      if (!folder) return;
      try {
        user ??= `${env.SUDO_USER || env.USER || (userName() ?? process.getuid?.())}@${hostname()}`;
        const begin = stem(entry.app);
        const files = filesOf(folder, begin, false);
        const newest = files.at(-1) ?? `${begin}1.ndjson`;
        const full = isLarge(join(folder, newest));
        const file = full ? `${begin}${numberOf(newest) + 1}.ndjson` : newest;
        appendLine(join(folder, file), formatEntry({ time, ...entry, user }));
        for (const old of full ? files.slice(0, -1) : []) rmSync(join(folder, old), { force: true });
      } catch {
        // A command does not fail because its journal cannot be written.
      }
    },
    read: (app) => follow(app)(),
    follow,
  };
}

/** A readable and unique key of an engine. A socket may have several paths. */
function enginePart(place: string): string {
  let path = place;
  try {
    path = realpathSync.native(place);
  } catch {
    // Not a socket, or absent: readers of its journal use the same path.
  }
  return `${fingerprint(path)}-${containerPart(path.replace(/^\//, "")).slice(-60)}`;
}

/** From the oldest file. @param several whether the stem belongs to several apps. */
function filesOf(folder: string, stem: string, several: boolean): string[] {
  const rest = several ? /\.\d+\.ndjson$/ : /^\d+\.ndjson$/;
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(stem) && rest.test(name.slice(stem.length)))
      .sort((a, b) => numberOf(a) - numberOf(b));
  } catch {
    // The folder does not exist yet or is unreadable.
    return [];
  }
}

const numberOf = (name: string) => Number(/(\d+)\.ndjson$/.exec(name)?.[1]);
