import { anyOf, quoted } from "../text/quoted.ts";
import { helpOf, OneoffError, usage } from "./error.ts";

export const engineUnresponsive = (seconds: number) =>
  new OneoffError("engine-silent", `The engine did not respond within ${seconds} s`, {
    next: "journalctl -u docker, or sudo systemctl restart docker",
  });

export const watchNeedsTerminal = () =>
  usage("watch-needs-terminal", "--watch requires a terminal as stdout", "remove --watch");

/** @param line the command line with the suggested option. */
export const unknownOption = (option: string, near: string | undefined, command: string, line?: string) =>
  usage(
    "unknown-option",
    `Unknown option ${quoted(option)}${near ? `; did you mean ${near}?` : ""}`,
    (near && line) || helpOf(command),
  );

/** @param line the command line with the suggested command. */
export const unknownCommand = (word: string, near: string | undefined, line?: string) =>
  usage(
    "unknown-command",
    `Unknown command ${quoted(word)}${near ? `; did you mean ${near}?` : ""}`,
    (near && line) || "oneoff --help",
  );

export const isUnknownCommand = (error: unknown): boolean =>
  error instanceof OneoffError && error.code === "unknown-command";

/** @param line with the option before the app. */
export const misplacedOption = (option: string, line: string) =>
  usage(
    "misplaced-option",
    `${quoted(option)} must be before the app; if it is the command, write -- before the app`,
    line,
  );

export const isMisplacedOption = (error: unknown): boolean =>
  error instanceof OneoffError && error.code === "misplaced-option";

export const unknownShell = (word: string | undefined, known: readonly string[]) =>
  usage(
    "unknown-shell",
    word === undefined
      ? `Expected a shell: ${anyOf(known)}`
      : `Unknown shell ${quoted(word)}; expected ${anyOf(known)}`,
    helpOf("completion"),
  );

export const noValue = (option: string, command: string) =>
  usage("no-value", `${option}: expected a value`, helpOf(command));

export const unwantedValue = (option: string, command: string) =>
  usage("unwanted-value", `${option}: expected no value`, helpOf(command));

export const unexpectedWord = (word: string, command: string) =>
  usage("unexpected-word", `Unexpected argument ${quoted(word)}`, helpOf(command));

export const needsDetach = (option: string) =>
  usage("needs-detach", `${option} requires --detach`, `oneoff run --detach ${option} …`);

export const needsLock = () =>
  usage("needs-lock", "--on-conflict requires --lock", "oneoff run --lock KEY --on-conflict wait …");

/** @param args as in the usage of the command. */
export const noApp = (command: string, args: string) =>
  usage("no-app", `Expected an app: oneoff ${command} [options] ${args}`, helpOf(command));

export const badOption = (message: string, command: string) => usage("bad-option", message, helpOf(command));

export const badChoice = (
  option: string,
  text: string,
  near: string | undefined,
  known: readonly string[],
  command: string,
) =>
  usage(
    "bad-option",
    `Invalid ${option} ${quoted(text)}: expected ${anyOf(known).replaceAll('"', "")}${near ? `; did you mean ${near}?` : ""}`,
    near ? `oneoff ${command} ${option}=${near} …` : helpOf(command),
  );

/** The command or option of another tool has no equivalent. @param line to run instead. */
export const useOtherCommand = (why: string, line: string) => usage("habit", why, line);

export const nothingToDo = () => usage("no-command-named", "Expected a command", "oneoff --help");

/** Enough stack frames to find the place. */
const MAX_FRAMES = 4;

function onOneLine(error: unknown): string {
  const text = error instanceof Error ? String(error) : `thrown: ${String(error)}`;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const frames = (stack.match(/^ +at .*$/gm) ?? []).slice(0, MAX_FRAMES).map((frame) => frame.trim());
  return [text.replaceAll(/\s*\n\s*/g, " "), ...(frames.length > 0 ? [`(${frames.join(", ")})`] : [])].join(" ");
}

/** Node's event loop is empty before the command has finished. */
export const neverAnswered = () =>
  new OneoffError("never-answered", "oneoff stopped before the command finished: nothing was left to wait for", {
    next: "oneoff ps --all lists what may still be running; report this bug with the output of: oneoff --version",
  });

/** For a bug report: everything on one line. */
export const bug = (error: unknown) =>
  new OneoffError("bug", `Bug in oneoff: ${onOneLine(error)}`, {
    next: "report the bug with your command and the output of: oneoff --version",
  });

/** @param arch the engine's name of the architecture. */
export const noProbe = (arch: string) =>
  new OneoffError("no-probe", `selftest has no test program for ${arch}, only for amd64 and arm64`, {
    next: "oneoff run --image IMAGE my-app true",
  });

/** @param what as a noun. */
export const selftestFailed = (what: string, found: string | number | boolean, expected: typeof found) =>
  new OneoffError("selftest-failed", `${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`, {
    next: "oneoff doctor",
  });

export const selftestTooSlow = (seconds: number) =>
  new OneoffError("selftest-too-slow", `timeout of ${seconds} s exceeded`, {
    next: "oneoff doctor",
  });

export const copyOneSide = () =>
  usage("copy-one-side", "Expected a one-off as source or as target, not both", "oneoff cp run.7364:/app/report.csv .");

export const copyNeedsDot = (localName: string, next: string) =>
  usage(
    "copy-one-side",
    `A local path that contains a colon must begin with ./, e.g. ${quoted(`./${localName}`)}`,
    next,
  );

export const archiveAtTerminal = (direction: "to" | "from") =>
  usage(
    "archive-at-terminal",
    direction === "to" ? "Cannot write an archive to a terminal" : "Cannot read an archive from a terminal",
    `oneoff cp ${direction === "to" ? "run.7364:/app - | tar x" : "- run.7364:/app < archive.tar"}`,
  );
