import type { JournalEntry } from "../journal/journal.ts";
import { isLive, type OneoffState, stateOf } from "../lookup/oneoff.ts";

/** A step in the life of a one-off, as the log prints it. */
export type LifecycleStep =
  | { readonly event: "starting"; readonly command: string; readonly user: string | undefined }
  | { readonly event: "state-changed"; readonly from: OneoffState; readonly to: OneoffState }
  | { readonly event: "stopping"; readonly signal: string }
  | { readonly event: "exited"; readonly exitCode: number; readonly oomKilled: boolean };

/** The origin of a line. `time` is ISO 8601, UTC, with milliseconds or better. */
interface LineOrigin {
  readonly time: string;
  readonly app: string;
  readonly name: string;
  readonly containerId: string;
}

export interface LifecycleLine extends LineOrigin {
  readonly source: "oneoff";
  readonly step: LifecycleStep;
}

export interface OutputLine extends LineOrigin {
  readonly source: "app";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export type LogLine = LifecycleLine | OutputLine;

/** Converts journal entries from any source to lines: without duplicates, and without steps after the exit. */
export class Lifecycles {
  readonly #states = new Map<string, OneoffState>();

  isOver(container: string): boolean {
    const state = this.#states.get(container);
    return state !== undefined && !isLive({ state });
  }

  lines(entry: JournalEntry): LifecycleLine[] {
    const { time, app, name, containerId } = entry;
    const before = this.#states.get(containerId);
    return this.#steps(entry, before).map((step) => ({ source: "oneoff", time, app, name, containerId, step }));
  }

  #steps(entry: JournalEntry, before: OneoffState | undefined): LifecycleStep[] {
    if (this.isOver(entry.containerId)) return [];
    const change = (to: OneoffState): LifecycleStep => {
      this.#states.set(entry.containerId, to);
      return { event: "state-changed", from: before ?? (to === "up" ? "starting" : "up"), to };
    };
    switch (entry.event) {
      case "starting":
        if (before) return [];
        this.#states.set(entry.containerId, "starting");
        return [{ event: "starting", command: entry.command, user: entry.user }];
      case "up":
        return before === "up" ? [] : [change("up")];
      case "stopping":
        return [{ event: "stopping", signal: entry.signal }];
      case "exited": {
        const { exitCode, oomKilled = false } = entry;
        if (exitCode === undefined) return [change("crashed")];
        return [{ event: "exited", exitCode, oomKilled }, change(stateOf(exitCode))];
      }
    }
  }
}
