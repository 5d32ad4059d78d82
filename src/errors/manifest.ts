import { anyOf, quoted } from "../text/quoted.ts";
import { usage } from "./error.ts";

// manifest

/** @param mistakes one line each, with its place in front. */
export const badManifest = (mistakes: string[]) => usage("bad-manifest", mistakes, "oneoff help config");

export const manifestTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-manifest", `${file}: the file has ${bytes} bytes, more than the ${most} allowed`, "oneoff help config");

export const unknownSize = (size: string, near: string | undefined, known: readonly string[]) =>
  usage("unknown-size", mistake.unknownSize(size, near, known), `oneoff run --size ${near ?? known[0]} …`);

/** What can be wrong at one place of a manifest. None shows a value. */
export const mistake = {
  /** @param name the key, or nothing for the file as a whole. */
  kind: (name: string, expected: string, found: string) =>
    `${name === "" ? "" : `${quoted(name)}: `}expected ${expected}, found ${found}`,
  noVariable: (name: string) => `${quoted(name)}: expected a value, found nothing; write "" for an empty one`,
  unknownKey: (key: string, near: string | undefined, known: string[]) =>
    `unknown key ${quoted(key)}; ${near ? `did you mean "${near}"?` : `expected ${anyOf(known)}`}`,
  expected: (name: string, expected: string) => `${quoted(name)}: expected ${expected}`,
  /** @param wanted what was expected, or what else is wrong with the value. */
  value: (name: string, wanted: string | { problem: string }) =>
    `${quoted(name)}: ${typeof wanted === "string" ? `expected ${wanted}` : wanted.problem}`,
  missing: (name: string, keys: readonly string[]) => `${quoted(name)}: expected ${anyOf(keys)} in it`,
  /** @param line where the other key stands. */
  together: (key: string, other: string, line: number) =>
    `${quoted(key)} cannot go with ${quoted(other)} on line ${line}; leave one of them out`,
  /** A key of an app that stands where the apps should. */
  outsideApp: (key: string) =>
    `${quoted(key)} belongs to an app: put it under "apps", or name the app with "app: NAME"`,
  emptyList: (name: string) => `${quoted(name)}: expected one item or more`,
  unknownSize: (size: string, near: string | undefined, known: readonly string[]) =>
    `unknown size ${quoted(size)}; ${near ? `did you mean ${quoted(near)}?` : `expected ${anyOf(known)}`}`,
  alone: (network: string) => `the network ${quoted(network)} cannot be joined together with others`,
  dollar: () => `expected "$NAME" or "\${NAME}" after "$"; write "$$" for a plain one`,
  /** @param why the file's own words. */
  required: (variable: string, filled: boolean, why: string) =>
    `the variable ${quoted(variable)} is not set${filled ? ", or empty" : ""}${why && `: ${quoted(why)}`}`,
  room: () => "the variables come to too long a text",
  noHome: () => 'the variable "HOME" is not set, which "~" stands for',
  /** A warning. */
  unset: (variable: string) => `the variable ${quoted(variable)} is not set, and left empty`,
  words: (most: number) => `the file has more than the ${most} words and signs allowed`,
  key: () => "expected a string for a key",
  tag: () => "expected a plain value, found a tag",
  /** @param line where the name stands first. */
  twice: (name: string, line: number) => `${quoted(name)} is already on line ${line}`,
  twiceInList: (name: string) => `${quoted(name)} is in the list twice`,
  noAnchor: (name: string) => `unknown alias ${quoted(`*${name}`)}; expected an anchor ${quoted(`&${name}`)} above`,
  aliases: (most: number) => `aliases repeat more than is allowed: ${most} values of 100 characters`,
  depth: (most: number) => `nested deeper than the ${most} levels allowed`,
  documents: () => 'a second document begins; expected one, without "---" inside',
  more: (count: number) => `and ${count} more`,
  /** Of JSON. */
  syntax: (expected: string, found: string) => `expected ${expected}, found ${found}`,
  escape: () => 'an escape that is none in JSON; write "\\\\" for a "\\"',
  control: () => 'a control character in a string; write it as in "\\t"',
  unclosedString: () => `a string without a closing '"' on the same line`,
  unclosedComment: () => 'a comment without a closing "*/"',
  /** Completes the value's name. */
  oneOf: (near: string | undefined, known: readonly string[]) =>
    `expected ${anyOf(known)}${near && known.length > 1 ? `; did you mean "${near}"?` : ""}`,
  appJsonPath: (path: string) => `expected the path of a file below the app's folder, found ${quoted(path)}`,
};
