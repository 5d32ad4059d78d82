import { anyOf, quoted } from "../text/quoted.ts";
import { helpOf, OneoffError, usage } from "./error.ts";

/** @param seconds for which it was waited. */
export const engineSilent = (seconds: number) =>
  new OneoffError("engine-silent", `The engine is there, and has said nothing for ${seconds} s`, {
    next: "see what it is at: journalctl -u docker, or restart it: sudo systemctl restart docker",
  });

export const watchNeedsTerminal = () =>
  usage("watch-needs-terminal", "--watch: stdout is not a terminal", "leave --watch out");

// the command line

/** @param line what was typed, with the nearest in its place. */
export const unknownOption = (option: string, near: string | undefined, command: string, line?: string) =>
  usage(
    "unknown-option",
    `Unknown option ${quoted(option)}${near ? `; did you mean ${near}?` : ""}`,
    (near && line) || helpOf(command),
  );

/** @param line what was typed, with the nearest in its place. */
export const unknownCommand = (word: string, near: string | undefined, line?: string) =>
  usage(
    "unknown-command",
    `Unknown command ${quoted(word)}${near ? `; did you mean ${near}?` : ""}`,
    (near && line) || "oneoff --help",
  );

/** @param line with the option before the app. */
export const misplacedOption = (option: string, line: string) =>
  usage(
    "misplaced-option",
    `${quoted(option)} must come before the app; if it is the command, put -- before the app`,
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
  usage("unexpected-word", `${quoted(word)} is one word more than expected`, helpOf(command));

export const needsDetach = (option: string) =>
  usage("needs-detach", `${option} is for detached one-offs`, `oneoff run --detach ${option} …`);

export const needsLock = () =>
  usage("needs-lock", "--on-conflict says what to do about a lock", "oneoff run --lock KEY --on-conflict wait …");

/** @param words those that the command expects. */
export const noApp = (command: string, words: string) =>
  usage("no-app", `Expected an app: oneoff ${command} [options] ${words}`, helpOf(command));

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

/** An alias of another tool that is not run. @param line to type instead. */
export const useInstead = (why: string, line: string) => usage("habit", why, line);

/** Options alone do nothing. */
export const nothingToDo = () => usage("no-command-named", "Expected a command of oneoff", "oneoff --help");

/** How many frames of a stack are enough to find the place. */
const FRAMES = 4;

function onOneLine(error: unknown): string {
  const text = error instanceof Error ? String(error) : `thrown: ${String(error)}`;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const frames = (stack.match(/^ +at .*$/gm) ?? []).slice(0, FRAMES).map((frame) => frame.trim());
  return [text.replaceAll(/\s*\n\s*/g, " "), ...(frames.length > 0 ? [`(${frames.join(", ")})`] : [])].join(" ");
}

/** Nothing is left that could still happen, and the command is not done. */
export const neverAnswered = () =>
  new OneoffError("never-answered", "oneoff stopped before the command finished: nothing was left to wait for", {
    next: "oneoff ps --all shows what may still run; report this, with the output of oneoff --version",
  });

/** What should not happen: all that is known of it, on one line, for whoever fixes it. */
export const bug = (error: unknown) =>
  new OneoffError("bug", `This is a fault of oneoff itself: ${onOneLine(error)}`, {
    next: "report it, with what you have typed, and what this says: oneoff --version",
  });

// what oneoff proves of itself

/** @param arch as the engine calls it. */
export const noProbe = (arch: string) =>
  new OneoffError(
    "no-probe",
    `The engine runs on ${arch}, for which there is no program to try; there are amd64 and arm64`,
    { next: "oneoff run --image IMAGE my-app true, with an image of its own" },
  );

/** @param what as a noun. */
export const selftestFailed = (what: string, found: string | number | boolean, wanted: typeof found) =>
  new OneoffError("selftest-failed", `${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`, {
    next: "oneoff doctor",
  });

/** @param seconds how long it was given. */
export const selftestTooSlow = (seconds: number) =>
  new OneoffError("selftest-too-slow", `not done after ${seconds} s`, {
    next: "oneoff doctor",
  });

export const copyOneSide = () =>
  usage("copy-one-side", "Expected a one-off on exactly one side", "oneoff cp run.7364:/app/report.csv .");

export const copyNeedsDot = (localName: string, next: string) =>
  usage("copy-one-side", `A local path with a colon begins with ./, e.g. ${quoted(`./${localName}`)}`, next);

export const archiveAtTerminal = (way: "to" | "from") =>
  usage(
    "archive-at-terminal",
    `An archive is not for a terminal: - is ${way === "to" ? "stdout" : "stdin"}`,
    `oneoff cp ${way === "to" ? "run.7364:/app - | tar x" : "- run.7364:/app < archive.tar"}`,
  );
