import { escapeControls } from "../text/escape.ts";
import { quoteWords } from "./quote.ts";
import { knownForms } from "./secret-forms.ts";
import { isSecretName } from "./secret-name.ts";
import { namedValues, type Span, urlPasswords } from "./secret-spans.ts";
import { secretsOfCommand, secretsOfLine } from "./secret-words.ts";

/** In characters. */
const LONGEST = 200;

/** A shorter secret would be found everywhere, and given away by what is hidden. */
const SHORTEST_SECRET = 4;

/**
 * A command on one line of at most 200 characters, for people: as it was typed, with `***` in place of what is likely a
 * secret. It is a guess by names and forms, which hides too much rather than too little.
 * @param words several are a command's argv, one alone may be a line for a shell.
 * @param secrets values to hide wherever they are.
 */
export function maskCommand(words: readonly string[], secrets: Iterable<string> = []): string {
  const text = words.join(" ");
  const hidden = new Uint8Array(text.length);
  const places = placesOf(words);
  for (const span of words.length === 1 ? secretsOfLine(text) : secretsOfCommand(text, places)) hidden.fill(1, ...span);
  for (const secret of secrets) if (secret.length >= SHORTEST_SECRET) hide(text, secret, hidden);
  const shown = places.map((place) => masked(text, place, hidden));
  return oneLine(words.length === 1 ? shown.join() : quoteWords(shown));
}

/** The value of a setting with `***` in place of what is likely a secret, by its name and by forms. */
export function maskSetting(name: string, value: string): string {
  if (isSecretName(name)) return "***";
  const hidden = new Uint8Array(value.length);
  for (const span of [...urlPasswords(value), ...namedValues(value), ...knownForms(value)]) hidden.fill(1, ...span);
  return masked(value, [0, value.length], hidden);
}

/** Where each word is when they are joined by a blank. */
function placesOf(words: readonly string[]): Span[] {
  let from = 0;
  return words.map(({ length }) => {
    const to = from + length;
    const place: Span = [from, to];
    from = to + 1;
    return place;
  });
}

/** Every occurrence, also one that begins within another. */
function hide(text: string, secret: string, hidden: Uint8Array): void {
  let done = 0;
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
    hidden.fill(1, Math.max(at, done), at + secret.length);
    done = at + secret.length;
  }
}

function masked(text: string, [from, to]: Span, hidden: Uint8Array): string {
  let shown = "";
  let at = from;
  while (at < to) {
    let end = at + 1;
    while (end < to && hidden[end] === hidden[at]) end += 1;
    shown += hidden[at] ? "***" : text.slice(at, end);
    at = end;
  }
  return shown;
}

function oneLine(text: string): string {
  const line = escapeControls(text);
  // Not half of a pair of surrogates.
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, "")}…` : line;
}
