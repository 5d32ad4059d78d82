import { type Oneoff, stateOf } from "../lookup/oneoff.ts";
import type { JournalEntry } from "./journal.ts";

/** A one-off that is over, as the journal has it. */
export interface FinishedOneoff extends Pick<Oneoff, "id" | "name" | "app" | "command" | "processType" | "code"> {
  /** `unknown` when whoever ran it did not live to tell, or has left it. */
  readonly state: "complete" | "crashed" | "killed" | "unknown";
  readonly detached: boolean;
  /** Its memory was too little. */
  readonly oom: boolean;
  readonly by: string | undefined;
  /** In seconds since 1970. */
  readonly started: number;
  /** In seconds since 1970; undefined when it is unknown. */
  readonly ended: number | undefined;
}

/**
 * Those that are over, in the order of their starts.
 * @param there the ids of all containers that the engine has: of those it knows more than the journal. To be asked for
 * after the journal was read, or one that is just beginning would seem to be over.
 */
export function finishedOneoffs(entries: Iterable<JournalEntry>, there: ReadonlySet<string>): FinishedOneoff[] {
  const found = new Map<string, FinishedOneoff>();
  for (const entry of entries) {
    if (there.has(entry.containerId)) continue;
    const known = found.get(entry.containerId);
    const time = Date.parse(entry.time) / 1000;
    if (entry.event === "starting" && !known) found.set(entry.containerId, begun(entry, time));
    if (entry.event !== "exited" || !known || known.ended !== undefined) continue;
    const { exitCode: code, oomKilled: oom = false, replaced = false } = entry;
    if (replaced) {
      found.delete(entry.containerId);
      continue;
    }
    const state = code === undefined ? "crashed" : stateOf(code);
    found.set(entry.containerId, { ...known, state, code, oom, ended: time });
  }
  return [...found.values()].sort((a, b) => a.started - b.started);
}

const begun = (entry: JournalEntry & { event: "starting" }, started: number): FinishedOneoff => ({
  id: entry.containerId,
  name: entry.name,
  app: entry.app,
  command: entry.command,
  processType: entry.processType,
  code: undefined,
  state: "unknown",
  detached: entry.detached ?? false,
  oom: false,
  by: entry.user,
  started,
  ended: undefined,
});
