/** Characters that terminals interpret: C0, C1, DEL, line and paragraph separators, and bidirectional controls. */
export const CONTROL = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const CONTROLS = new RegExp(CONTROL, "g");

/** Whether a text contains control characters. */
export const hasControls = (text: string): boolean => text.search(CONTROLS) !== -1;

/** Replaces every control character. */
export const replaceControls = (text: string, replacement: (control: string) => string): string =>
  text.replace(CONTROLS, replacement);

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escaped = (control: string) => SHORT[control] ?? `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Escapes untrusted text for one line: control characters become visible, e.g. `\u001b`. */
export const escapeControls = (text: string): string => text.replace(CONTROLS, escaped);

/** Escapes untrusted text, but keeps line breaks and tabs. */
export const escapeExceptLines = (text: string): string =>
  text.replace(CONTROLS, (control) => (control === "\n" || control === "\t" ? control : escaped(control)));

/** Applies `escapeControls` to all texts and keys of a value. */
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

/** JSON with all control characters escaped. `JSON.stringify` escapes C0 only. */
export const escapedJson = (value: unknown, indent?: number): string =>
  // Line breaks outside of strings belong to the indentation.
  JSON.stringify(value, null, indent).replace(CONTROLS, (control) => (control === "\n" ? control : escaped(control)));
