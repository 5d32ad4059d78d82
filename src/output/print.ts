import type { Writable } from "node:stream";
import { escapeAll, escapedJson } from "../text/escape.ts";

/** Writes what `render` makes of data, after every text in the data is escaped: no value can forge a line or move the cursor. */
export function printText<T>(output: Writable, data: T, render: (data: T) => string): void {
  output.write(render(escapeAll(data)));
}

export function printJson(output: Writable, value: unknown, indent?: number): void {
  output.write(`${escapedJson(value, indent)}\n`);
}
