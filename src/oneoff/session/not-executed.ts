import { Buffer } from "node:buffer";
import type { ContainerCreateBody } from "../../engine/types.ts";
import type { OneoffError } from "../../errors/error.ts";
import { notExecuted } from "../../errors/session.ts";
import { FrameParser } from "../../streams/frames.ts";
import type { ByteSource } from "../../streams/pump.ts";

/** What an init or a runtime writes instead of the output when it cannot execute the command. */
const MESSAGES = [
  { prefix: "[FATAL tini (", pattern: /^\[FATAL tini \(\d+\)\] exec (?<program>.*) failed: (?<reason>[^\n]+)\n$/s },
  { prefix: "ERROR (catatonit:", pattern: /^ERROR \(catatonit:\d+\): failed to exec pid1: (?<reason>.+)\n$/ },
  // Without an init, or for the init itself: runc, and crun.
  { prefix: "exec /", pattern: /^exec \/.*: (?<reason>argument list too long)\n$/i },
  {
    prefix: '{\n  "msg": "exec container process',
    pattern: /^\{\n.*`: (?<reason>Argument list too long)",\n[^{}]*\}\n$/s,
  },
];

/** Exit codes of a command that was not executed. */
const EXIT_CODES: ReadonlySet<number> = new Set([1, 126, 127, 255]);

/** The name of a program can have 4096 bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024;

/** How long the beginning of a possible message is held back: a real one is written at once, and is the last output. */
const HOLD_MS = 500;

/** Holds back the message that the command was not executed: it is the whole output. */
export function filterExecFailure(source: ByteSource, tty: boolean) {
  let held: Buffer | undefined = Buffer.alloc(0);
  let failure: string | undefined;
  const output: ByteSource = {
    resume: () => source.resume(),
    async read(reader) {
      let timeout: NodeJS.Timeout | undefined;
      const release = () => {
        clearTimeout(timeout);
        const bytes = held;
        held = undefined;
        return bytes?.length ? reader(bytes) : true;
      };
      try {
        await source.read((chunk) => {
          if (!held) return reader(chunk);
          held = Buffer.concat([held, chunk]);
          const text = held.length > MAX_MESSAGE_BYTES ? undefined : stderrOf(held, tty);
          if (text === undefined || !MESSAGES.some(({ prefix }) => text.startsWith(prefix) || prefix.startsWith(text)))
            return release();
          timeout ??= setTimeout(release, HOLD_MS);
          return true;
        });
        const text = held && stderrOf(held, tty);
        if (held && text && MESSAGES.some(({ pattern }) => pattern.test(text))) {
          failure = text;
          held = undefined;
        }
      } finally {
        release();
      }
    },
  };
  return {
    output,
    /** Why the command was not executed. Known when the output has ended. */
    failureOf(code: number, body: Pick<ContainerCreateBody, "Entrypoint" | "Cmd" | "Env">): OneoffError | undefined {
      const groups = MESSAGES.map(({ pattern }) => pattern.exec(failure ?? "")?.groups).find(Boolean);
      if (!groups || !EXIT_CODES.has(code)) return undefined;
      const program = groups.program ?? (body.Entrypoint?.[0] || body.Cmd[0]);
      return notExecuted(program ?? "", groups.reason ?? "", describeSize(body));
    },
    /** Output that was held back and belongs to a command that was executed. */
    get rest() {
      return tty ? failure?.replaceAll("\n", "\r\n") : failure;
    },
  };
}

/** @returns undefined if there is output on stdout. */
function stderrOf(bytes: Buffer, tty: boolean): string | undefined {
  if (tty) return bytes.toString().replaceAll("\r\n", "\n");
  let text: string | undefined = "";
  try {
    new FrameParser((channel, payload) => {
      text = channel === "stderr" && text !== undefined ? text + payload.toString() : undefined;
    }).push(bytes);
  } catch {
    // The next reader of the stream reports malformed frames.
    return undefined;
  }
  return text;
}

/** Linux accepts an argument or variable of up to 128 KiB, with its terminating byte, on pages of 4 KiB. */
const MAX_ARGUMENT_BYTES = 128 * 1024;

/** Names the part of a command that exceeds a limit of Linux. */
export function describeSize({
  Entrypoint = [],
  Cmd,
  Env,
}: Pick<ContainerCreateBody, "Entrypoint" | "Cmd" | "Env">): string {
  const args = [...Entrypoint, ...Cmd];
  const longest = Math.max(0, ...args.map((arg) => Buffer.byteLength(arg)));
  if (longest >= MAX_ARGUMENT_BYTES)
    return `an argument has ${longest} bytes; the maximum is ${MAX_ARGUMENT_BYTES - 1}`;
  const variable = Env.find((pair) => Buffer.byteLength(pair) >= MAX_ARGUMENT_BYTES);
  if (variable !== undefined) {
    const name = variable.slice(0, variable.indexOf("="));
    return `the variable ${name} has ${Buffer.byteLength(variable)} bytes with its name; the maximum is ${MAX_ARGUMENT_BYTES - 1}`;
  }
  const total = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  return `the command line has ${total(args)} bytes and its variables ${total(Env)}, not counting variables of the image`;
}
