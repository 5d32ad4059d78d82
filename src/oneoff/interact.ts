import { setTimeout as pause } from "node:timers/promises";
import type { Hijacked } from "../engine/hijack.ts";
import { isRefusal } from "../errors/engine.ts";
import type { ByteSource } from "../streams/pump.ts";
import { DetachScanner } from "../terminal/detach-keys.ts";
import type { Size, Terminal } from "../terminal/terminal.ts";

/** How often, and with pauses of how many more milliseconds each, the first size is offered to a starting command. */
const RESIZE_TRIES = 10;
const RESIZE_PAUSE = 10;

/**
 * Our stdin to the command's, until disposed of. The end of ours is the end of the command's, by closing our half of
 * the connection. A command that has gone, or does not read, makes the rest of it unwanted, not an error.
 */
export function pipeStdin(terminal: Terminal, connection: Hijacked): Disposable {
  if (terminal.input === "pipe") return pumpPipe(terminal.openPipe(), connection);
  // As keys are, of which none detaches. A stdin that cannot be read has ended.
  const end = () => connection.socket.end();
  return typeInto(terminal, connection, Buffer.alloc(0), () => {}, end);
}

function pumpPipe(pipe: ByteSource & Disposable, { socket }: Hijacked): Disposable {
  // As long as a part of a chunk has not been sent, its memory is in use.
  const sent = () => socket.writableLength === 0;
  const resume = () => {
    if (sent()) pipe.resume();
  };
  const ended = pipe.read((chunk) => {
    socket.write(chunk, resume);
    return sent();
  });
  ended.then(() => socket.end());
  return pipe;
}

/** How long keys that may be the beginning of the detach keys are held back, in milliseconds: a person does not notice it. */
const DETACH_KEYS_TIMEOUT_MS = 150;

/**
 * The keys typed at our terminal to the command's, until disposed of.
 * @param onDetach called when the detach keys were typed. @param onHangup called when the terminal has gone.
 */
export function typeInto(
  terminal: Terminal,
  connection: Hijacked,
  detachKeys: Buffer,
  onDetach: () => void,
  onHangup: () => void,
): Disposable {
  const { stdin } = terminal;
  const scanner = new DetachScanner(detachKeys);
  let timeout: NodeJS.Timeout | undefined;
  const send = (keys: Buffer) => {
    if (keys.length === 0 || connection.socket.write(keys)) return;
    stdin.pause();
    connection.socket.once("drain", () => stdin.resume());
  };
  const type = (typed: Buffer) => {
    clearTimeout(timeout);
    const { forward, detached } = scanner.scan(typed);
    send(forward);
    if (detached) onDetach();
    else if (scanner.isHolding) timeout = setTimeout(() => send(scanner.release()), DETACH_KEYS_TIMEOUT_MS);
  };
  stdin.on("data", type);
  stdin.once("end", onHangup);
  stdin.once("error", onHangup);
  return {
    [Symbol.dispose]() {
      clearTimeout(timeout);
      stdin.off("data", type);
      stdin.off("end", onHangup);
      stdin.off("error", onHangup);
      release(stdin);
    },
  };
}

/** A stdin that nobody reads any more must not keep the process, nor report what happens to it. */
function release(stdin: Terminal["stdin"]): void {
  stdin.on("error", () => {});
  stdin.pause();
  stdin.destroy();
}

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
