import type { JournalEntry } from "../journal/journal.ts";
import { isLive, type OneoffState, stateOf } from "../lookup/oneoff.ts";

/** What the log says of a one-off's life. */
export type LifecycleStep =
  | { readonly event: "starting"; readonly command: string; readonly by: string | undefined }
  | { readonly event: "state-changed"; readonly from: OneoffState; readonly to: OneoffState }
  | { readonly event: "stopping"; readonly signal: string }
  | { readonly event: "exited"; readonly code: number; readonly oom: boolean };

/** Whose line it is, and when it was; ISO 8601, UTC, with milliseconds or better. */
interface Place {
  readonly time: string;
  readonly app: string;
  readonly name: string;
  /** The container's id. */
  readonly container: string;
}

export interface LifecycleLine extends Place {
  readonly source: "oneoff";
  readonly step: LifecycleStep;
}

export interface OutputLine extends Place {
  readonly source: "app";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export type LogLine = LifecycleLine | OutputLine;

/** Makes lines of what is known of one-offs, from wherever it is known: nothing is told twice, nor after the end. */
export class Lifecycles {
  readonly #states = new Map<string, OneoffState>();

  isOver(container: string): boolean {
    const state = this.#states.get(container);
    return state !== undefined && !isLive({ state });
  }

  lines(entry: JournalEntry): LifecycleLine[] {
    const { time, app, name, container } = entry;
    const before = this.#states.get(container);
    return this.#steps(entry, before).map((step) => ({ source: "oneoff", time, app, name, container, step }));
  }

  #steps(entry: JournalEntry, before: OneoffState | undefined): LifecycleStep[] {
    if (this.isOver(entry.container)) return [];
    const change = (to: OneoffState): LifecycleStep => {
      this.#states.set(entry.container, to);
      return { event: "state-changed", from: before ?? (to === "up" ? "starting" : "up"), to };
    };
    switch (entry.event) {
      case "starting":
        if (before) return [];
        this.#states.set(entry.container, "starting");
        return [{ event: "starting", command: entry.command, by: entry.by }];
      case "up":
        return before === "up" ? [] : [change("up")];
      case "stopping":
        return [{ event: "stopping", signal: entry.signal }];
      case "exited": {
        const { code, oom = false } = entry;
        if (code === undefined) return [change("crashed")];
        return [{ event: "exited", code, oom }, change(stateOf(code))];
      }
    }
  }
}
