import { Buffer } from "node:buffer";
import type { ContainerCreateBody } from "../../engine/types.ts";
import type { OneoffError } from "../../errors/error.ts";
import { notExecuted } from "../../errors/session.ts";
import { FrameParser } from "../../streams/frames.ts";
import type { ByteSource } from "../../streams/pump.ts";

/** What an init, or a runtime, writes in place of the command's output when it cannot execute the command. */
const FORMS = [
  { begins: "[FATAL tini (", whole: /^\[FATAL tini \(\d+\)\] exec (?<program>.*) failed: (?<reason>[^\n]+)\n$/s },
  { begins: "ERROR (catatonit:", whole: /^ERROR \(catatonit:\d+\): failed to exec pid1: (?<reason>.+)\n$/ },
  // Without an init between, or as the init itself is executed: runc, and crun.
  { begins: "exec /", whole: /^exec \/.*: (?<reason>argument list too long)\n$/i },
  {
    begins: '{\n  "msg": "exec container process',
    whole: /^\{\n.*`: (?<reason>Argument list too long)",\n[^{}]*\}\n$/s,
  },
];

/** With which exit codes. */
const CODES: ReadonlySet<number> = new Set([1, 126, 127, 255]);

/** In bytes: the name of a program may have 4096. */
const MAX_LINE = 16 * 1024;

/** How long something that may become such a line is held back, in milliseconds. It is written at once and is the last. */
const HOLD_MS = 500;

/** Holds back what says that the command was not executed, and nothing else: it is all that is written. */
export function withoutExecFailure(source: ByteSource, tty: boolean) {
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
          const text = held.length > MAX_LINE ? undefined : stderrOf(held, tty);
          if (text === undefined || !FORMS.some(({ begins }) => text.startsWith(begins) || begins.startsWith(text)))
            return release();
          timeout ??= setTimeout(release, HOLD_MS);
          return true;
        });
        const text = held && stderrOf(held, tty);
        if (held && text && FORMS.some(({ whole }) => whole.test(text))) {
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
    /** Why the command was not executed, once the output has ended. */
    failureOf(code: number, body: Pick<ContainerCreateBody, "Entrypoint" | "Cmd" | "Env">): OneoffError | undefined {
      const groups = FORMS.map(({ whole }) => whole.exec(failure ?? "")?.groups).find(Boolean);
      if (!groups || !CODES.has(code)) return undefined;
      const program = groups.program ?? (body.Entrypoint?.[0] || body.Cmd[0]);
      return notExecuted(program ?? "", groups.reason ?? "", sizeOf(body));
    },
    /** What was held back of a command that was executed all the same. */
    get rest() {
      return tty ? failure?.replaceAll("\n", "\r\n") : failure;
    },
  };
}

/** @returns undefined where there is anything else. */
function stderrOf(bytes: Buffer, tty: boolean): string | undefined {
  if (tty) return bytes.toString().replaceAll("\r\n", "\n");
  let text: string | undefined = "";
  try {
    new FrameParser((channel, payload) => {
      text = channel === "stderr" && text !== undefined ? text + payload.toString() : undefined;
    }).push(bytes);
  } catch {
    // Whoever reads it on says what is wrong.
    return undefined;
  }
  return text;
}

/** What Linux takes for one word or variable with the byte that ends it, where pages have 4 KiB. */
const MAX_WORD = 128 * 1024;

/** What is too large for Linux in a command that is. */
export function sizeOf({ Entrypoint = [], Cmd, Env }: Pick<ContainerCreateBody, "Entrypoint" | "Cmd" | "Env">): string {
  const words = [...Entrypoint, ...Cmd];
  const longest = Math.max(0, ...words.map((word) => Buffer.byteLength(word)));
  if (longest >= MAX_WORD) return `an argument has ${longest} bytes, of at most ${MAX_WORD - 1}`;
  const variable = Env.find((pair) => Buffer.byteLength(pair) >= MAX_WORD);
  if (variable !== undefined) {
    const name = variable.slice(0, variable.indexOf("="));
    return `the variable ${name} has ${Buffer.byteLength(variable)} bytes with its name, of at most ${MAX_WORD - 1}`;
  }
  const total = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  return `the command line has ${total(words)} bytes and its variables ${total(Env)}, besides those of the image`;
}
