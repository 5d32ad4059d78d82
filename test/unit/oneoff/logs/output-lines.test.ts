import { expect, test } from "vitest";
import { momentOf } from "../../../../src/oneoff/logs/output-lines.ts";

test.each([
  ["with its fraction is what it says", "2026-11-29T01:24:38.25Z", "2026-11-29T01:24:40.5Z", "2026-11-29T01:24:38.25Z"],
  [
    "of a second that is over is its end",
    "2026-11-29T01:24:38Z",
    "2026-11-29T01:24:40.5Z",
    "2026-11-29T01:24:38.999999999Z",
  ],
  ["of a second that lasts is now", "2026-11-29T01:24:38Z", "2026-11-29T01:24:38.5Z", "2026-11-29T01:24:38.5Z"],
  [
    "of an engine that is ahead is its own",
    "2026-11-29T01:24:38Z",
    "2026-11-29T01:24:37.5Z",
    "2026-11-29T01:24:38.999999999Z",
  ],
])("the moment of a line %s", (_what, time, latest, moment) => expect(momentOf(time, () => latest)).toBe(moment));
