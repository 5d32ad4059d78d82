import { expect, test } from "vitest";
import { type Reaped, reapingLine } from "../../../src/output/reaping-line.ts";

const container = { name: "run.7364", containerName: "my-app.run.7364", app: "my-app", retain: undefined };
const kept = (retain: number): Reaped => ({ action: "remove", reason: "expired", container: { ...container, retain } });

test.each<[reaped: Reaped, done: string, meant: string]>([
  [
    { action: "stop", reason: "deadline", container },
    "Stopped run.7364 of my-app: its deadline has passed",
    "Would stop run.7364 of my-app: its deadline has passed",
  ],
  [
    { action: "stop", reason: "orphaned", container },
    "Stopped run.7364 of my-app: its client has exited",
    "Would stop run.7364 of my-app: its client has exited",
  ],
  [
    { action: "hangup", reason: "orphaned", container },
    "Sent SIGHUP to run.7364 of my-app: its client has exited",
    "Would send SIGHUP to run.7364 of my-app: its client has exited",
  ],
  [
    { action: "remove", reason: "never-started", container: { ...container, name: "", containerName: "brave_bell" } },
    "Removed brave_bell of my-app: it was never started",
    "Would remove brave_bell of my-app: it was never started",
  ],
  [
    { action: "remove", reason: "stale-lock", lock: "migrate", container },
    'Removed the lock "migrate" of my-app: run.7364 has exited',
    'Would remove the lock "migrate" of my-app: run.7364 has exited',
  ],
])("%j", (reaped, done, meant) => {
  expect([reapingLine(reaped, false), reapingLine(reaped, true)]).toEqual([done, meant]);
});

test.each([
  [86_400, "24h"],
  [7 * 86_400, "168h"],
  [5400, "1h30m"],
  [90, "1m30s"],
  [3601, "1h1s"],
  [1, "1s"],
  [0, "0s"],
])("what was kept for %i s was kept for %s", (retain, shown) => {
  expect(reapingLine(kept(retain), false)).toBe(`Removed run.7364 of my-app: kept for ${shown}`);
});
