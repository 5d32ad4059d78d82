import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { LogConfig } from "../../../../src/engine/types.ts";
import { LogSize } from "../../../../src/oneoff/logs/log-size.ts";

const local = (config: Readonly<Record<string, string>>): LogConfig => ({ Type: "local", Config: config });
const BOUNDED = local({ "max-size": "1k", "max-file": "3" });

/** The time since which a full log of the driver `local` has messages of 100 bytes each. */
function fullSince(logConfig: LogConfig, messages: number, tail?: number): string | undefined {
  const extent = new LogSize(logConfig, tail);
  for (let n = 0; n < messages; n += 1) {
    const stamp = `2026-11-29T01:24:38.${String(n).padStart(9, "0")}Z`;
    extent.add({ stamp, channel: "stdout", bytes: Buffer.alloc(73) });
  }
  return extent.fullSince;
}

describe("a log of several files", () => {
  test.each([
    ["does not report a log whose files have room", BOUNDED, 19, undefined],
    ["reports a log when all files but the newest are full", BOUNDED, 20, "2026-11-29T01:24:38.000000000Z"],
    [
      "reports a json-file log earlier, since its messages are longer",
      { ...BOUNDED, Type: "json-file" },
      14,
      expect.any(String),
    ],
    ["assumes files of 20 MB by default", local({}), 800_000, expect.any(String)],
    ["accepts a size in kb", local({ "max-size": "1kb", "max-file": "3" }), 20, expect.any(String)],
  ])("measures a log of several files: %s", (_what, logConfig, messages, expected) => {
    expect(fullSince(logConfig, messages)).toEqual(expected);
  });

  test("does not report a full log when all requested messages were read", () => {
    expect(fullSince(BOUNDED, 20, 20)).toBeUndefined();
    expect(fullSince(BOUNDED, 20, 21)).toBeDefined();
  });
});

test.each([
  ["one file restarts when it is full", local({ "max-size": "1k", "max-file": "1" })],
  ["the log has no limit", { Type: "json-file", Config: {} }],
  ["Podman lists no options", { Type: "k8s-file", Config: null }],
  ["the driver keeps no files", { Type: "journald", Config: { "max-size": "1k", "max-file": "3" } }],
  ["the size is no limit", local({ "max-size": "-1", "max-file": "3" })],
])("reports nothing when %s", (_what, logConfig) => {
  expect(fullSince(logConfig, 1_000)).toBeUndefined();
});
