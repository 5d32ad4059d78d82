import type { Hijacked } from "../../engine/hijack.ts";
import type { ByteSource } from "../../streams/pump.ts";
import { DetachScanner } from "../../terminal/detach-keys.ts";
import type { Terminal } from "../../terminal/terminal.ts";

/**
 * Forwards stdin to the command until disposed. EOF closes the sending half of the connection. If the command has exited
 * or does not read, the rest of stdin is dropped without an error.
 */
export function forwardStdin(terminal: Terminal, connection: Hijacked): Disposable {
  if (terminal.input === "pipe") return forwardPipe(terminal.openPipe(), connection);
  // Forwarded like keys, without detach keys. A stdin that cannot be read is EOF.
  const end = () => connection.socket.end();
  return forwardKeys(terminal, connection, Buffer.alloc(0), () => {}, end);
}

function forwardPipe(pipe: ByteSource & Disposable, { socket }: Hijacked): Disposable {
  // The memory of a chunk is in use until all of it is sent.
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

/** How long possible detach keys are held back: too short for a person to notice. */
const DETACH_KEYS_TIMEOUT_MS = 150;

/**
 * Forwards typed keys to the command until disposed.
 * @param onDetach called when the detach keys were typed. @param onHangup called when the terminal was closed.
 */
export function forwardKeys(
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
  const onKeys = (keys: Buffer) => {
    clearTimeout(timeout);
    const { forward, detached } = scanner.scan(keys);
    send(forward);
    if (detached) onDetach();
    else if (scanner.isHolding) timeout = setTimeout(() => send(scanner.release()), DETACH_KEYS_TIMEOUT_MS);
  };
  stdin.on("data", onKeys);
  stdin.once("end", onHangup);
  stdin.once("error", onHangup);
  return {
    [Symbol.dispose]() {
      clearTimeout(timeout);
      stdin.off("data", onKeys);
      stdin.off("end", onHangup);
      stdin.off("error", onHangup);
      release(stdin);
    },
  };
}

/** A stdin without a reader must not keep the process alive or report errors. */
function release(stdin: Terminal["stdin"]): void {
  stdin.on("error", () => {});
  stdin.pause();
  stdin.destroy();
}
