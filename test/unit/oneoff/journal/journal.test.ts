import { expect, test } from "vitest";
import { formatEntry, parseEntry } from "../../../../src/oneoff/journal/entry.ts";
import { openRecord } from "../../../../src/oneoff/journal/journal.ts";
import { fakeJournal } from "../../../support/fake-journal.ts";

const time = "2013-03-13T15:38:09.000Z";
const subject = { app: "my-app", name: "run.7364", containerId: "c" };

test("records a life in four entries", () => {
  const journal = fakeJournal();
  const record = openRecord(journal, { app: "my-app", name: "run.7364", id: "c" });
  record.starting({ shownCommand: "bash", processType: "console", containerName: "mine", detach: true });
  record.up();
  record.stopping("SIGTERM");
  record.exited(137, { oom: true });
  const all = { ...subject, time, user: "alice@host" };
  expect(journal.entries).toEqual([
    { ...all, event: "starting", command: "bash", processType: "console", containerName: "mine", detached: true },
    { ...all, event: "up" },
    { ...all, event: "stopping", signal: "SIGTERM" },
    { ...all, event: "exited", exitCode: 137, oomKilled: true },
  ]);
});

test("records the time of an exit that was discovered later", () => {
  const journal = fakeJournal();
  openRecord(journal, { app: "my-app", name: "run.7364", id: "c" }).exited(0, {
    time: "2013-01-01T00:00:00.123456789Z",
  });
  expect(journal.entries).toEqual([
    { ...subject, user: "alice@host", event: "exited", exitCode: 0, time: "2013-01-01T00:00:00.123Z" },
  ]);
});

test.each([
  { event: "starting", command: 'echo "{\\"time\\":\\"" \u2028 \ud83d\ude00', detached: true },
  { event: "up" },
  { event: "stopping", signal: "SIGTERM" },
  { event: "exited", exitCode: 0 },
  { event: "exited", exitCode: 137, oomKilled: true },
  { event: "exited" },
] as const)("reads what was written: $event", (happening) => {
  const entry = { time, ...subject, ...happening };
  expect(parseEntry(formatEntry(entry))).toEqual(entry);
});

test("does not take a command with the text of an entry for one", () => {
  const entry = {
    time,
    ...subject,
    event: "starting",
    command: formatEntry({ time, ...subject, event: "up" }),
  } as const;
  expect(parseEntry(formatEntry(entry))).toEqual(entry);
});

test("keeps a line below 4 KiB for any command", () => {
  const all = { time, ...subject, containerId: "c".repeat(64), user: "user@host" };
  for (const sign of ["x", "\x01", "\ud83d", "é", "\u2028"]) {
    expect(Buffer.byteLength(formatEntry({ ...all, event: "starting", command: sign.repeat(10_000) }))).toBeLessThan(
      4096,
    );
  }
});

test.each([
  ["time", { time: "yesterday" }],
  ["time", { time: 5 }],
  ["app", { app: null }],
  ["name", { name: 7364 }],
  ["containerId", { containerId: undefined }],
  ["event", { event: "sleeping" }],
  ["command", { event: "starting", command: 1 }],
  ["signal", { event: "stopping" }],
  ["exitCode", { event: "exited", exitCode: "0" }],
])("rejects an entry with a bad %s", (_, bad) => {
  expect(parseEntry(JSON.stringify({ time, ...subject, event: "up", ...bad }))).toBeUndefined();
});

test("reads an entry with unknown fields", () => {
  expect(parseEntry(JSON.stringify({ time, ...subject, event: "up", memory: 512 }))).toMatchObject({ event: "up" });
});
