import type { Hijacked } from "../../engine/hijack.ts";
import type { Channel } from "../../streams/frames.ts";
import { type ByteSource, pumpOutput } from "../../streams/pump.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { followSize, type Resize } from "./resize.ts";
import { pipeStdin, typeInto } from "./stdin.ts";

/** An output of ours that could not be written any more. */
export interface Broken {
  readonly channel: Channel;
  readonly error: NodeJS.ErrnoException;
}

/** Our terminal on one side, a process on the other, until disposed of. */
export interface Conversation extends Disposable {
  /** Once everything has come and has been written. */
  readonly output: Promise<void>;
  /** Once the detach keys were typed. */
  readonly detached: Promise<void>;
  readonly broken: Broken | undefined;
  /**
   * To be called once the process runs: nothing of our stdin is lost to one that does not start. Its terminal then takes the
   * size of ours, and keeps it.
   * @param again as `followSize` takes it.
   */
  begin(resize: Resize, again?: readonly number[]): void;
}

interface Ends {
  /** Our terminal has gone. */
  onHangup(): void;
  /** One of our outputs has: told once. */
  onBroken(broken: Broken): void;
}

/** What we talk with. */
export interface Partner {
  readonly output: ByteSource;
  /** Where our stdin goes to. */
  readonly input: Hijacked | undefined;
  readonly tty: boolean;
  readonly detachKeys: Buffer;
}

export function converse(terminal: Terminal, partner: Partner, { onHangup, onBroken }: Ends): Conversation {
  const { input, tty, detachKeys } = partner;
  let broken: Broken | undefined;
  const interaction = new DisposableStack();
  const detached = Promise.withResolvers<void>();
  if (tty && input) interaction.use(terminal.raw());

  // It may have been waiting: a terminal has to be raw before anything is written to it.
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
    begin(resize, again) {
      if (tty && input) interaction.use(typeInto(terminal, input, detachKeys, detached.resolve, onHangup));
      else if (input) interaction.use(pipeStdin(terminal, input));
      if (tty) interaction.use(followSize(terminal, resize, again));
    },
    [Symbol.dispose]: () => interaction.dispose(),
  };
}
