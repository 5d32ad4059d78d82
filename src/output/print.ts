import type { Writable } from "node:stream";
import { escapeAll, escapedJson } from "../text/escape.ts";

/** Renders the data after escaping every text in it, so that no value can forge a line or move the cursor. */
export function printText<T>(output: Writable, data: T, render: (data: T) => string): void {
  output.write(render(escapeAll(data)));
}

export function printJson(output: Writable, value: unknown, indent?: number): void {
  output.write(`${escapedJson(value, indent)}\n`);
}
