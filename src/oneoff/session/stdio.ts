import type { Hijacked } from "../../engine/hijack.ts";
import type { Channel } from "../../streams/frames.ts";
import { type ByteSource, pumpOutput } from "../../streams/pump.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { type Resize, syncTtySize } from "./resize.ts";
import { forwardKeys, forwardStdin } from "./stdin.ts";

/** An output that can no longer be written. */
export interface BrokenOutput {
  readonly channel: Channel;
  readonly error: NodeJS.ErrnoException;
}

/** The terminal attached to a process, until disposed. */
export interface AttachedStdio extends Disposable {
  /** Resolves when all output has been written. */
  readonly output: Promise<void>;
  /** Resolves when the detach keys were typed. */
  readonly detached: Promise<void>;
  readonly broken: BrokenOutput | undefined;
  /**
   * Call it when the process runs: a process that does not start consumes no stdin. Its TTY then follows the size of the
   * terminal.
   * @param repeatsMs as for `syncTtySize`.
   */
  begin(resize: Resize, repeatsMs?: readonly number[]): void;
}

interface StdioHandlers {
  /** The terminal was closed. */
  onHangup(): void;
  /** The first output that could not be written. */
  onBroken(broken: BrokenOutput): void;
}

/** The process that stdio is attached to. */
export interface StdioTarget {
  readonly output: ByteSource;
  /** Receives stdin. */
  readonly input: Hijacked | undefined;
  readonly tty: boolean;
  readonly detachKeys: Buffer;
}

export function attachStdio(
  terminal: Terminal,
  partner: StdioTarget,
  { onHangup, onBroken }: StdioHandlers,
): AttachedStdio {
  const { input, tty, detachKeys } = partner;
  let broken: BrokenOutput | undefined;
  const stack = new DisposableStack();
  const detached = Promise.withResolvers<void>();
  if (tty && input) stack.use(terminal.raw());

  // The process may have output waiting: the terminal must be raw before anything is written to it.
  const output = pumpOutput(partner.output, tty ? "raw" : "multiplexed", terminal, (channel, error) => {
    if (broken) return;
    broken = { channel, error };
    onBroken(broken);
  });
  output.catch(() => {});

  return {
    output,
    detached: detached.promise,
    get broken() {
      return broken;
    },
    begin(resize, repeatsMs) {
      if (tty && input) stack.use(forwardKeys(terminal, input, detachKeys, detached.resolve, onHangup));
      else if (input) stack.use(forwardStdin(terminal, input));
      if (tty) stack.use(syncTtySize(terminal, resize, repeatsMs));
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}
