import type { Writable } from "node:stream";
import { humanBytes } from "./bytes.ts";
import type { Event } from "./events.ts";

export type Progress = Extract<Event, { type: "progress" }>;

/** In milliseconds. What is over sooner is not shown at all. */
const INTERVAL = 100;

/** In characters. */
const WIDTH = 24;

const ERASE = "\r\x1b[K";

/** One line at a terminal that is drawn over again, and erased in the end; nothing where stderr is none. */
export function progressLine(output: () => Writable & { readonly isTTY?: boolean }) {
  let timer: NodeJS.Timeout | undefined;
  let latest: Progress;
  let drawn = false;
  const draw = () => {
    drawn = true;
    output().write(`${ERASE}${progressText(latest)}`);
  };
  return {
    show(progress: Progress): void {
      latest = progress;
      if (!progress.over) {
        if (output().isTTY) timer ??= setInterval(draw, INTERVAL).unref();
        return;
      }
      clearInterval(timer);
      timer = undefined;
      this.erase();
    },
    /** Makes room for another line. */
    erase(): void {
      if (drawn) output().write(ERASE);
      drawn = false;
    },
  };
}

/** `upload [######------------------]  25% of 2 GiB`, or what has come where nobody knows how much it is. */
export function progressText({ what, done, total }: Progress): string {
  if (total === undefined) return `${what} ${humanBytes(done)}`;
  const part = total === 0 ? 1 : done / total;
  const bar = "#".repeat(Math.floor(part * WIDTH)).padEnd(WIDTH, "-");
  return `${what} [${bar}] ${String(Math.floor(part * 100)).padStart(3)}% of ${humanBytes(total)}`;
}
