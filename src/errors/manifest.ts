import { anyOf, quoted } from "../text/quoted.ts";
import { usage } from "./error.ts";

/** Why a cron expression is invalid. */
type ScheduleProblem =
  | { readonly kind: "descriptor" }
  | { readonly kind: "never" }
  | { readonly kind: "fields"; readonly count: number }
  | { readonly kind: "field"; readonly field: string; readonly lowest: number; readonly highest: number };

/** @param problems one line each, beginning with its place in the file. */
export const badManifest = (problems: string[]) => usage("bad-manifest", problems, "oneoff help config");

export const manifestTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-manifest", `${file}: the file has ${bytes} bytes; the maximum is ${most}`, "oneoff help config");

export const unknownSize = (size: string, near: string | undefined, known: readonly string[]) =>
  usage("unknown-size", fileProblem.unknownSize(size, near, known), `oneoff run --size ${near ?? known[0]} …`);

/** Problems at one place of a file. None of them prints a value: it may be a secret. */
export const fileProblem = {
  /** @param name the key; empty for the whole file. */
  kind: (name: string, expected: string, found: string) =>
    `${name === "" ? "" : `${quoted(name)}: `}expected ${expected}, found ${found}`,
  noVariable: (name: string) => `${quoted(name)}: expected a value, found nothing; use "" for an empty value`,
  unknownKey: (key: string, near: string | undefined, known: string[]) =>
    `unknown key ${quoted(key)}; ${near ? `did you mean "${near}"?` : `expected ${anyOf(known)}`}`,
  expected: (name: string, expected: string) => `${quoted(name)}: expected ${expected}`,
  value: (name: string, expected: string | { problem: string }) =>
    `${quoted(name)}: ${typeof expected === "string" ? `expected ${expected}` : expected.problem}`,
  missing: (name: string, keys: readonly string[]) => `${quoted(name)}: expected the key ${anyOf(keys)}`,
  /** @param line of the other key. */
  together: (key: string, other: string, line: number) =>
    `${quoted(key)} cannot be used together with ${quoted(other)} on line ${line}`,
  /** A key of an app among the apps. */
  outsideApp: (key: string) =>
    `${quoted(key)} is a key of an app; put it below an app in "apps", or name the only app with "app: NAME"`,
  needsSwarm: (key: string) =>
    `${quoted(key)} exists only on a Swarm; add "swarm: true" to deploy to a Swarm, or use "mounts"`,
  emptyList: (name: string) => `${quoted(name)}: expected at least one item`,
  unknownSize: (size: string, near: string | undefined, known: readonly string[]) =>
    `unknown size ${quoted(size)}; ${near ? `did you mean ${quoted(near)}?` : `expected ${anyOf(known)}`}`,
  aliasIsCommand: (name: string) => `${quoted(name)} is a command of oneoff and cannot be an alias`,
  aliasOfAlias: () => "expected a command of oneoff, found an alias",
  aliasNoCommand: (near: string | undefined) =>
    `expected a command of oneoff such as "run my-app …"${near ? `; did you mean "${near}"?` : ""}`,
  aliasOfOneoff: () => 'expected a command such as "run my-app …", without "oneoff" before it',
  aliasNeedsShell: () => `expected arguments without shell syntax; quote what a shell in the container runs: 'a | b'`,
  alone: (network: string) => `the network ${quoted(network)} cannot be used together with other networks`,
  dollar: () => `expected "$NAME" or "\${NAME}" after "$"; write "$$" for a literal "$"`,
  /** @param why the message in the file. */
  required: (variable: string, filled: boolean, why: string) =>
    `the variable ${quoted(variable)} is not set${filled ? " or is empty" : ""}${why && `: ${quoted(why)}`}`,
  room: () => "the text is too long with the values of its variables",
  noHome: () => '"~" cannot be expanded: the variable "HOME" is not set',
  /** A warning. */
  unset: (variable: string) => `the variable ${quoted(variable)} is not set; an empty value is used`,
  words: (most: number) => `the file has more than ${most} tokens`,
  key: () => "expected a string as key",
  tag: () => "expected a plain value, found a tag",
  /** @param line of the first occurrence. */
  twice: (name: string, line: number) => `${quoted(name)} already exists on line ${line}`,
  twiceInList: (name: string) => `${quoted(name)} is in the list twice`,
  noAnchor: (name: string) => `unknown alias ${quoted(`*${name}`)}; expected an anchor ${quoted(`&${name}`)} above`,
  aliases: (most: number) => `aliases expand to too much text: the maximum is ${most} values of 100 characters`,
  depth: (most: number) => `nested too deep: the maximum is ${most} levels`,
  documents: () => 'expected one document, found a second one after "---"',
  more: (count: number) => `and ${count} more`,
  /** Of JSON. */
  syntax: (expected: string, found: string) => `expected ${expected}, found ${found}`,
  escape: () => 'JSON has no such escape; write "\\\\" for a "\\"',
  control: () => 'a control character in a string; escape it, e.g. "\\t"',
  unclosedString: () => `expected a closing '"' on the same line`,
  unclosedComment: () => 'expected a closing "*/" after the comment',
  /** Follows the name of the value. */
  oneOf: (near: string | undefined, known: readonly string[]) =>
    `expected ${anyOf(known)}${near && known.length > 1 ? `; did you mean "${near}"?` : ""}`,
  taskNeedsShell: () => `expected a command without shell operators; write it into the Procfile, or as sh -c '…'`,
  taskIsOpen: () => "expected a command whose quotes and brackets are closed",
  taskTwice: () => "a task with this command and this schedule already exists in the list",
  timezone: () => 'expected a time zone such as "Europe/Berlin"',
  /** @param descriptors `@daily`, … */
  schedule(problem: ScheduleProblem, descriptors: readonly string[]): string {
    if (problem.kind === "descriptor") return `expected ${anyOf(descriptors)}, or five fields such as "30 3 * * *"`;
    if (problem.kind === "never") return "expected a day that exists in one of the months";
    if (problem.kind === "field") {
      const { field, lowest, highest } = problem;
      return `invalid ${field}: expected "*", values from ${lowest} to ${highest}, ranges or lists, e.g. "*/5" or "1-5,9"`;
    }
    return `expected five fields (minute, hour, day of month, month, day of week), found ${problem.count}`;
  },
  appJsonPath: (path: string) => `expected the path of a file below the app's folder, found ${quoted(path)}`,
};
