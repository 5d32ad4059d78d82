import type { Hijacked } from "../../engine/hijack.ts";
import type { ByteSource } from "../../streams/pump.ts";
import { DetachScanner } from "../../terminal/detach-keys.ts";
import type { Terminal } from "../../terminal/terminal.ts";

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
