import { setTimeout as pause } from "node:timers/promises";
import { isRefusal } from "../../errors/engine.ts";
import type { Size, Terminal } from "../../terminal/terminal.ts";

/** How often, and with pauses of how many more milliseconds each, the first size is offered to a starting command. */
const RESIZE_TRIES = 10;
const RESIZE_PAUSE = 10;

/** Gives the command's terminal a size. @throws OneoffError with status 409 or 500 while the command starts. */
export type Resize = (size: Size) => Promise<void>;

/**
 * Keeps the command's terminal as large as ours, until disposed of: one request under way at most, the latest wins.
 * @param again when a size is told once more, in milliseconds after it has changed, to an engine that may have lost it.
 */
export function followSize(terminal: Terminal, resize: Resize, again: readonly number[] = []): Disposable {
  let reminders: NodeJS.Timeout[] = [];
  const over = new AbortController();
  let wanted = true;
  let busy = false;

  const follow = async () => {
    wanted = true;
    if (busy) return;
    busy = true;
    // While the command starts, the engine refuses to resize it.
    for (let tries = 1; wanted && tries <= RESIZE_TRIES && !over.signal.aborted; tries += 1) {
      wanted = false;
      if (await offer(terminal, resize)) tries = 0;
      else {
        wanted = true;
        await pause(tries * RESIZE_PAUSE);
      }
    }
    busy = false;
  };
  const forget = () => {
    for (const reminder of reminders) clearTimeout(reminder);
  };
  const change = () => {
    void follow();
    forget();
    reminders = again.map((delay) => setTimeout(follow, delay));
  };
  change();
  const listening = terminal.onResize(change);
  return {
    [Symbol.dispose]() {
      over.abort();
      forget();
      listening[Symbol.dispose]();
    },
  };
}

/** @returns whether nothing is gained by trying again. */
async function offer(terminal: Terminal, resize: Resize): Promise<boolean> {
  const size = terminal.size();
  if (!size) return true;
  try {
    await resize(size);
    return true;
  } catch (error) {
    // A size that cannot be set is no reason to end a session, and an engine that has gone is noticed elsewhere.
    return !isRefusal(error, 409, 500);
  }
}
