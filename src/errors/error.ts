import { escapeControls } from "../text/escape.ts";

/**
 * Every failure oneoff can report: a code for programs, a sentence for people, and what to type next.
 * `usage` failures are the caller's to mend before anything happened; `failed` ones happened on the way.
 */
export class OneoffError extends Error {
  readonly code: string;
  readonly kind: "usage" | "failed";
  /** The command, or the change, that gets the user further. */
  readonly next: string | undefined;
  /** An exit code that is fixed by what happened, whatever the command: 124, 126, 127, 128+n. */
  readonly exit: number | undefined;

  /** @param message a line, or several: each is escaped, so that no value in it makes a line of its own. */
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

/** The lines of what has gone wrong: an `OneoffError` may have several, and nothing else has a line break of its own. */
export const linesOf = (error: unknown): string[] =>
  error instanceof OneoffError ? error.message.split("\n") : [error instanceof Error ? error.message : String(error)];

/** What was not possible, and why, in as many lines as the error has. */
export function because(what: string, error: unknown): string[] {
  const [first, ...more] = linesOf(error);
  return [`${what}: ${first}`, ...more];
}

const escapedLines = (message: string | readonly string[]) => [message].flat().map(escapeControls).join("\n");

/** To report. @param message a line, or several: each is escaped, so that no value in it makes a line of its own. */
export const warning = (message: string | readonly string[]) =>
  ({ type: "warning", message: escapedLines(message) }) as const;

/** The same of what was left out of a copy, which `--quiet` does not silence. */
export const notCopied = (message: string | readonly string[]) =>
  ({ type: "not-copied", message: escapedLines(message) }) as const;

export const usage = (code: string, message: string | readonly string[], next: string) =>
  new OneoffError(code, message, { kind: "usage", next });

// locks

/** @param lock its holder, and since when, in seconds since 1970. */
/** @param seconds since 1970. */
export const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");

/** @param command empty where the mistake came before one. */
export const helpOf = (command: string) => `oneoff ${command && `${command} `}--help`;

export const contradiction = (one: string, other: string) =>
  usage("contradiction", `${one} and ${other} cannot go together`, `leave one of them out`);

// reaching an engine

export const HOW_TO_POINT = "oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST";
