import type { Journal, JournalEntry } from "../../src/oneoff/journal/journal.ts";

export interface FakeJournal extends Journal {
  /** All entries, appended ones included. */
  readonly entries: JournalEntry[];
}

/** A journal in memory. @param time of all appended entries. */
export function fakeJournal(entries: JournalEntry[] = [], time = "2013-03-13T15:38:09.000Z"): FakeJournal {
  const follow = (app?: string) => {
    let read = 0;
    return () => {
      const fresh = entries.slice(read).filter((entry) => app === undefined || entry.app === app);
      read = entries.length;
      return fresh;
    };
  };
  return {
    entries,
    append: (entry) => entries.push({ user: "alice@host", ...entry, time: entry.time ?? time }),
    read: (app) => follow(app)(),
    follow,
  };
}
