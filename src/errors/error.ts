import { escapeControls } from "../text/escape.ts";

/**
 * Every failure that oneoff reports: a code for programs, a sentence for people, and the command to run next.
 * A `usage` failure is found before anything has changed; a `failed` one happens later.
 */
export class OneoffError extends Error {
  readonly code: string;
  readonly kind: "usage" | "failed";
  /** The command to run, or the change to make, next. */
  readonly next: string | undefined;
  /** An exit code that is the same in all commands: 124, 126, 127, 128+n. */
  readonly exit: number | undefined;

  /** @param message one line or several: each is escaped, so that a value in it cannot add a line. */
  constructor(
    code: string,
    message: string | readonly string[],
    facts: { kind?: "usage" | "failed"; next: string | undefined; exit?: number; cause?: unknown },
  ) {
    super(escapedLines(message), { cause: facts.cause });
    this.name = "OneoffError";
    this.code = code;
    this.kind = facts.kind ?? "failed";
    this.next = facts.next && escapeControls(facts.next);
    this.exit = facts.exit;
  }
}

/** Only an `OneoffError` may have several lines. */
export const linesOf = (error: unknown): string[] =>
  error instanceof OneoffError ? error.message.split("\n") : [error instanceof Error ? error.message : String(error)];

/** @param what the failed action. */
export function because(what: string, error: unknown): string[] {
  const [first, ...more] = linesOf(error);
  return [`${what}: ${first}`, ...more];
}

const escapedLines = (message: string | readonly string[]) => [message].flat().map(escapeControls).join("\n");

/** To report. @param message one line or several: each is escaped, so that a value in it cannot add a line. */
export const warning = (message: string | readonly string[]) =>
  ({ type: "warning", message: escapedLines(message) }) as const;

/** A file is missing in a copy: `--quiet` does not suppress this. */
export const notCopied = (message: string | readonly string[]) =>
  ({ type: "not-copied", message: escapedLines(message) }) as const;

export const usage = (code: string, message: string | readonly string[], next: string) =>
  new OneoffError(code, message, { kind: "usage", next });

/** In whole seconds. @param time RFC 3339, UTC. */
export const isoSeconds = (time: string) => `${time.slice(0, "2026-11-29T01:24:38".length)}Z`;

/** @param seconds since 1970. */
export const isoTime = (seconds: number) => isoSeconds(new Date(seconds * 1000).toISOString());

/** @param command empty if the command is not known yet. */
export const helpOf = (command: string) => `oneoff ${command && `${command} `}--help`;

export const conflictingOptions = (one: string, other: string) =>
  usage("contradiction", `${one} and ${other} cannot be used together`, "remove one of them");

export const HOW_TO_SET_ENGINE = "oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST";
