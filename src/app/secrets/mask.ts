import { escapeControls } from "../../text/escape.ts";
import { quoteWords } from "../quote.ts";
import { secretsOfCommand, secretsOfLine } from "./args.ts";
import { knownForms } from "./forms.ts";
import { isSecretName } from "./secret-name.ts";
import { namedValues, type Span, urlPasswords } from "./spans.ts";

/** In characters. */
const LONGEST = 200;

/** Minimum length: masking a shorter secret would hide other text and reveal the secret. */
const SHORTEST_SECRET = 4;

/**
 * A command on one line of at most 200 characters, for people. `***` replaces likely secrets, detected by their names
 * and formats; in doubt, text is masked.
 * @param words an argv, or a single shell command line.
 * @param secrets values that are always masked.
 */
export function maskCommand(words: readonly string[], secrets: Iterable<string> = []): string {
  const text = words.join(" ");
  const hidden = new Uint8Array(text.length);
  const places = placesOf(words);
  for (const span of words.length === 1 ? secretsOfLine(text) : secretsOfCommand(text, places)) hidden.fill(1, ...span);
  for (const secret of secrets) hide(text, secret, hidden);
  const shown = places.map((place) => masked(text, place, hidden));
  return oneLine(words.length === 1 ? shown.join() : quoteWords(shown));
}

/** The value of a setting; `***` replaces likely secrets. */
export function maskSetting(name: string, value: string): string {
  return isSecretName(name) ? "***" : maskText(value);
}

/** Any text; `***` replaces likely secrets. @param secrets values that are always masked, also as HTML or JSON has them. */
export function maskText(text: string, secrets: Iterable<string> = []): string {
  const hidden = new Uint8Array(text.length);
  for (const span of [...urlPasswords(text), ...namedValues(text), ...knownForms(text)]) hidden.fill(1, ...span);
  for (const secret of secrets)
    for (const form of [secret, asHtml(secret), JSON.stringify(secret).slice(1, -1)]) hide(text, form, hidden);
  return masked(text, [0, text.length], hidden);
}

const asHtml = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => HTML[sign] ?? sign);
const HTML: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;" },
  ...{ '"': "&quot;", "'": "&#39;" },
};

/** The span of each word in the words joined by blanks. */
function placesOf(words: readonly string[]): Span[] {
  let from = 0;
  return words.map(({ length }) => {
    const to = from + length;
    const place: Span = [from, to];
    from = to + 1;
    return place;
  });
}

/** Every occurrence, including overlapping ones. */
function hide(text: string, secret: string, hidden: Uint8Array): void {
  if (secret.length < SHORTEST_SECRET) return;
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
  // Never cuts a surrogate pair.
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, "")}…` : line;
}
