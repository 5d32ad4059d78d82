import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { LogConfig } from "../../../../src/engine/types.ts";
import { LogExtent } from "../../../../src/oneoff/follow/log-extent.ts";

const local = (config: Readonly<Record<string, string>>): LogConfig => ({ Type: "local", Config: config });
const BOUNDED = local({ "max-size": "1k", "max-file": "3" });

/** When a log begins that is known to be full, of messages that take 100 bytes of a file of the driver `local`. */
function fullSince(logConfig: LogConfig, messages: number, tail?: number): string | undefined {
  const extent = new LogExtent(logConfig, tail);
  for (let n = 0; n < messages; n += 1) {
    const stamp = `2026-11-29T01:24:38.${String(n).padStart(9, "0")}Z`;
    extent.add({ stamp, channel: "stdout", bytes: Buffer.alloc(73) });
  }
  return extent.fullSince;
}

describe("a log of several files", () => {
  test.each([
    ["is not full while its files have room", BOUNDED, 19, undefined],
    ["is full once all files but the newest are", BOUNDED, 20, "2026-11-29T01:24:38.000000000Z"],
    ["is full with messages of json-file, which are longer", { ...BOUNDED, Type: "json-file" }, 14, expect.any(String)],
    ["has files of 20 MB unless told otherwise", local({}), 800_000, expect.any(String)],
    ["in kilobytes with a b", local({ "max-size": "1kb", "max-file": "3" }), 20, expect.any(String)],
  ])("%s", (_what, logConfig, messages, expected) => {
    expect(fullSince(logConfig, messages)).toEqual(expected);
  });

  test("is not reported to whom its last messages are enough", () => {
    expect(fullSince(BOUNDED, 20, 20)).toBeUndefined();
    expect(fullSince(BOUNDED, 20, 21)).toBeDefined();
  });
});

test.each([
  ["one file begins again when it is full", local({ "max-size": "1k", "max-file": "1" })],
  ["a log without a limit keeps everything", { Type: "json-file", Config: {} }],
  ["Podman lists no options", { Type: "k8s-file", Config: null }],
  ["a driver that keeps no files", { Type: "journald", Config: { "max-size": "1k", "max-file": "3" } }],
  ["a size that is none", local({ "max-size": "-1", "max-file": "3" })],
])("nothing is known of a log where %s", (_what, logConfig) => {
  expect(fullSince(logConfig, 1_000)).toBeUndefined();
});
