import { type Oneoff, stateOf } from "../lookup/oneoff.ts";
import type { JournalEntry } from "./journal.ts";

/** An exited one-off, as the journal has it. */
export interface FinishedOneoff extends Pick<Oneoff, "id" | "name" | "app" | "command" | "processType" | "code"> {
  /** `unknown` if the process that ran it was killed or left it running. */
  readonly state: "complete" | "crashed" | "killed" | "unknown";
  readonly detached: boolean;
  readonly oom: boolean;
  readonly by: string | undefined;
  /** Seconds since 1970. */
  readonly started: number;
  /** Seconds since 1970; undefined if unknown. */
  readonly ended: number | undefined;
}

/**
 * Collects exited one-offs in the order of their starts.
 * @param existing ids of all containers, for which the engine knows more. List them after the journal is read, or a one-off
 * that is just starting seems to have exited.
 */
export function collectFinished(entries: Iterable<JournalEntry>, existing: ReadonlySet<string>): FinishedOneoff[] {
  const finished = new Map<string, FinishedOneoff>();
  for (const entry of entries) {
    if (existing.has(entry.containerId)) continue;
    const known = finished.get(entry.containerId);
    const time = Date.parse(entry.time) / 1000;
    if (entry.event === "starting" && !known) finished.set(entry.containerId, toStarted(entry, time));
    if (entry.event !== "exited" || !known || known.ended !== undefined) continue;
    const { exitCode: code, oomKilled: oom = false, replaced = false } = entry;
    if (replaced) {
      finished.delete(entry.containerId);
      continue;
    }
    const state = code === undefined ? "crashed" : stateOf(code);
    finished.set(entry.containerId, { ...known, state, code, oom, ended: time });
  }
  return [...finished.values()].sort((a, b) => a.started - b.started);
}

const toStarted = (entry: JournalEntry & { event: "starting" }, started: number): FinishedOneoff => ({
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
