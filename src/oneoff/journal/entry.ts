import type { JournalEntry } from "./journal.ts";

/** In characters: with every one of them escaped a line still has less than 4 KiB, which one write puts down whole. */
const LONGEST_COMMAND = 500;

/** How every line begins. A quote inside a value is escaped, so that it is nowhere else. */
const START = '{"time":"';

/** One line, without its end. */
export function entryLine({ time, ...rest }: JournalEntry): string {
  if (rest.event !== "starting") return JSON.stringify({ time, ...rest });
  return JSON.stringify({ time, ...rest, command: rest.command.slice(0, LONGEST_COMMAND) });
}

/** @returns undefined for what is no entry, or one of a kind that is not known here. */
export function parseEntry(line: string): JournalEntry | undefined {
  // After half a line, from a full disk, the next one follows at once.
  const start = line.lastIndexOf(START);
  if (start < 0) return undefined;
  try {
    const entry = JSON.parse(line.slice(start)) as JournalEntry;
    return isWhole(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

function isWhole(entry: JournalEntry): boolean {
  const { time, app, name, containerId } = entry;
  if (![app, name, containerId].every(isText) || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time)) return false;
  if (entry.event === "starting") return isText(entry.command);
  if (entry.event === "stopping") return isText(entry.signal);
  if (entry.event === "exited") return entry.exitCode === undefined || Number.isInteger(entry.exitCode);
  return entry.event === "up";
}

const isText = (value: unknown) => typeof value === "string";
