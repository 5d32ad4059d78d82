/** What a terminal acts on: C0 and C1 controls, DEL, line and paragraph separators, and what turns the direction of text. */
export const CONTROL = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const CONTROLS = new RegExp(CONTROL, "g");

/** Whether there is anything in a text that a terminal acts on. */
export const hasControls = (text: string): boolean => text.search(CONTROLS) !== -1;

/** A text with each control character as what `replacement` makes of it. */
export const replaceControls = (text: string, replacement: (control: string) => string): string =>
  text.replace(CONTROLS, replacement);

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escaped = (control: string) => SHORT[control] ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Makes text from elsewhere safe to show: control characters become visible, as in `\u001b`, and it stays on one line. */
export const escapeControls = (text: string): string => text.replace(CONTROLS, escaped);

/** The same for text that has line breaks and tabs of its own. */
export const escapeExceptLines = (text: string): string =>
  text.replace(CONTROLS, (control) => (control === "\n" || control === "\t" ? control : escaped(control)));

/** Data with `escapeControls` applied to every text in it, also to keys. */
export function escapeAll<T>(data: T): T {
  const copy = (value: unknown): unknown => {
    if (typeof value === "string") return escapeControls(value);
    if (Array.isArray(value)) return value.map(copy);
    if (value instanceof Map) return new Map(Array.from(value, ([key, one]) => [copy(key), copy(one)]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [escapeControls(key), copy(one)]));
  };
  return copy(data) as T;
}

/** JSON in which no control character stands as itself. `JSON.stringify` escapes C0 controls only. */
export const escapedJson = (value: unknown, indent?: number): string =>
  // Line breaks outside of strings are the indentation's.
  JSON.stringify(value, null, indent).replace(CONTROLS, (control) => (control === "\n" ? control : escaped(control)));
