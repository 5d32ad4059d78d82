import { setTimeout as pause } from "node:timers/promises";
import { isRefusal } from "../../errors/engine.ts";
import type { Size, Terminal } from "../../terminal/terminal.ts";

/** How often the first size is retried while the command starts; each delay is 10 ms longer than the one before. */
const MAX_RESIZE_ATTEMPTS = 10;
const RESIZE_DELAY_STEP_MS = 10;

/** Sets the size of the command's TTY. @throws OneoffError with status 409 or 500 while the command starts. */
export type Resize = (size: Size) => Promise<void>;

/**
 * Keeps the command's TTY as large as the terminal until disposed. At most one request is in flight; the latest size wins.
 * @param repeatsMs delays after which the size is sent again, for an engine that may have lost it.
 */
export function syncTtySize(terminal: Terminal, resize: Resize, repeatsMs: readonly number[] = []): Disposable {
  let repeats: NodeJS.Timeout[] = [];
  const abort = new AbortController();
  let isOutdated = true;
  let isSending = false;

  const sendSize = async () => {
    isOutdated = true;
    if (isSending) return;
    isSending = true;
    // While the command starts, the engine refuses to resize its TTY.
    for (let attempt = 1; isOutdated && attempt <= MAX_RESIZE_ATTEMPTS && !abort.signal.aborted; attempt += 1) {
      isOutdated = false;
      if (await setSize(terminal, resize)) attempt = 0;
      else {
        isOutdated = true;
        await pause(attempt * RESIZE_DELAY_STEP_MS);
      }
    }
    isSending = false;
  };
  const cancelRepeats = () => {
    for (const repeat of repeats) clearTimeout(repeat);
  };
  const onChange = () => {
    void sendSize();
    cancelRepeats();
    repeats = repeatsMs.map((delay) => setTimeout(sendSize, delay));
  };
  onChange();
  const subscription = terminal.onResize(onChange);
  return {
    [Symbol.dispose]() {
      abort.abort();
      cancelRepeats();
      subscription[Symbol.dispose]();
    },
  };
}

/** @returns false if the engine refuses because the command is starting. */
async function setSize(terminal: Terminal, resize: Resize): Promise<boolean> {
  const size = terminal.size();
  if (!size) return true;
  try {
    await resize(size);
    return true;
  } catch (error) {
    // A failed resize does not end a session, and a lost engine is reported elsewhere.
    return !isRefusal(error, 409, 500);
  }
}
