import type { JournalEntry } from "./journal.ts";

/** Even with every character escaped, a line then has less than 4 KiB, which one write appends atomically. */
const MAX_COMMAND_LENGTH = 500;

/** Every line begins with it. Quotes in values are escaped, so it occurs nowhere else. */
const LINE_START = '{"time":"';

export function formatEntry({ time, ...rest }: JournalEntry): string {
  if (rest.event !== "starting") return JSON.stringify({ time, ...rest });
  return JSON.stringify({ time, ...rest, command: rest.command.slice(0, MAX_COMMAND_LENGTH) });
}

/** @returns undefined for an invalid entry or an unknown event. */
export function parseEntry(line: string): JournalEntry | undefined {
  // A full disk leaves an incomplete line, and the next entry follows on the same line.
  const start = line.lastIndexOf(LINE_START);
  if (start < 0) return undefined;
  try {
    const entry = JSON.parse(line.slice(start)) as JournalEntry;
    return isValid(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

function isValid(entry: JournalEntry): boolean {
  const { time, app, name, containerId } = entry;
  if (![app, name, containerId].every(isText) || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time)) return false;
  if (entry.event === "starting") return isText(entry.command);
  if (entry.event === "stopping") return isText(entry.signal);
  if (entry.event === "exited") return entry.exitCode === undefined || Number.isInteger(entry.exitCode);
  return entry.event === "up";
}

const isText = (value: unknown) => typeof value === "string";
