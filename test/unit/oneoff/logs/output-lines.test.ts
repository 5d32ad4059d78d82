import { expect, test } from "vitest";
import { latestTime } from "../../../../src/oneoff/logs/output-lines.ts";

test.each([
  ["with a fraction is unchanged", "2026-11-29T01:24:38.25Z", "2026-11-29T01:24:40.5Z", "2026-11-29T01:24:38.25Z"],
  [
    "in a past second is the end of the second",
    "2026-11-29T01:24:38Z",
    "2026-11-29T01:24:40.5Z",
    "2026-11-29T01:24:38.999999999Z",
  ],
  ["in the current second is now", "2026-11-29T01:24:38Z", "2026-11-29T01:24:38.5Z", "2026-11-29T01:24:38.5Z"],
  [
    "from an engine whose clock is ahead is the end of the second",
    "2026-11-29T01:24:38Z",
    "2026-11-29T01:24:37.5Z",
    "2026-11-29T01:24:38.999999999Z",
  ],
])("bounds the time of a line: one %s", (_what, time, latest, moment) =>
  expect(latestTime(time, () => latest)).toBe(moment),
);
