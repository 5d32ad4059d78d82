import type { Event } from "../events.ts";
import { waitingText } from "../lines.ts";
import { truncate } from "../table.ts";
import { Frame, type Screen } from "./frame.ts";

type ProcessEvent = Extract<Event, { type: "process" }>;

/** The processes that a deploy waits for, on one line at the bottom of a terminal. */
export interface WaitingView {
  /** @returns whether the line shows the event, so that it needs no line of its own. */
  update(event: Event): boolean;
  /** Erases the line until it is drawn again, e.g. to print another one. */
  erase(): void;
  draw(): void;
}

export function waitingView(screen: Screen): WaitingView {
  const frame = new Frame(screen);
  /** By name. The last one has changed last. */
  const texts = new Map<string, string>();
  const updateProcess = (event: ProcessEvent): boolean => {
    const { name, state } = event;
    if (state === "waiting") texts.set(name, waitingText(event));
    else if (state !== "unhealthy") {
      texts.delete(name);
      return false;
    } else if (event.attempt > 1) {
      texts.delete(name);
      const { check, summary, attempt, maxAttempts } = event;
      texts.set(name, `Waiting for ${name}: ${check} → ${summary} (${attempt}/${maxAttempts})`);
    }
    return true;
  };
  return {
    update(event) {
      if (event.type === "failed" || event.type === "step-failed") texts.clear();
      return event.type === "process" && updateProcess(event);
    },
    erase: () => frame.erase(),
    draw() {
      const others = texts.size > 1 ? ` (and ${texts.size - 1} more)` : "";
      const text = [...texts.values()].at(-1);
      frame.cursorRelativeReset();
      if (text !== undefined) frame.write(truncate(text, Math.max(screen.columns() - 1 - others.length, 1)) + others);
      frame.draw();
    },
  };
}
