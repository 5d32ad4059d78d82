import { CONTROL } from "../text/escape.ts";

const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/;

/** Whatever a terminal acts on, but for a tab. */
const ACTED_ON = new RegExp(`${SEQUENCE.source}|(?!\t)${CONTROL.source}`, "g");

const COLOR = /^\x1b\[[\d;:]*m$/;

/**
 * A line that somebody else has written, without what would move the cursor: what a carriage return has written over is
 * gone, as on a screen. @param color whether its colours stay; they end with it.
 */
export function printable(line: string, color = false): string {
  const seen = line.split("\r").findLast((part) => part !== "") ?? "";
  if (!/[^\t -~]/.test(seen)) return seen;
  let colored = false;
  const text = seen.replace(ACTED_ON, (found) => {
    if (!color || !COLOR.test(found)) return "";
    colored = true;
    return found;
  });
  return colored ? `${text}\x1b[0m` : text;
}
