import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { humanBytes } from "../../../src/output/bytes.ts";
import { humanReport } from "../../../src/output/human.ts";
import { type Progress, progressText } from "../../../src/output/progress.ts";
import { fakeTerminal } from "../../support/fake-terminal.ts";

const progress = (done: number, total: number | undefined, over = false): Progress => {
  return { type: "progress", what: "upload", done, total, ...(over && { over }) };
};

test.each([
  [0, 100, "upload [------------------------]   0% of 100 B"],
  [50, 100, "upload [############------------]  50% of 100 B"],
  [2 ** 31, 2 ** 31, "upload [########################] 100% of 2 GiB"],
  [0, 0, "upload [########################] 100% of 0 B"],
  [1_600_000, undefined, "upload 1.5 MiB"],
])("%i of %j reads %j", (done, total, text) => expect(progressText(progress(done, total))).toBe(text));

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [2 ** 50, "1024 TiB"],
])("%i bytes are %s", (bytes, text) => expect(humanBytes(bytes)).toBe(text));

describe("what is seen of it", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** @returns what reports, and what has been written since it was last asked. */
  function seen(isTTY: boolean) {
    const stderr = Object.assign(new PassThrough(), { isTTY });
    const report = humanReport({ ...fakeTerminal(), stderr });
    return { report, written: () => String(stderr.read() ?? "") };
  }
  const line = progressText(progress(50, 100));

  test("at a terminal it is drawn now and then, with what is so then, and erased in the end", () => {
    const { report, written } = seen(true);
    report(progress(10, 100));
    report(progress(50, 100));
    expect(written()).toBe("");
    vi.advanceTimersByTime(100);
    expect(written()).toBe(`\r\x1b[K${line}`);
    report(progress(100, 100, true));
    expect(written()).toBe("\r\x1b[K");
    vi.advanceTimersByTime(1000);
    expect(written()).toBe("");
  });

  test("another line takes its place", () => {
    const { report, written } = seen(true);
    report(progress(50, 100));
    vi.advanceTimersByTime(100);
    written();
    report({ type: "warning", message: "oh" });
    expect(written()).toBe("\r\x1b[Koneoff: warning: oh\n");
    vi.advanceTimersByTime(100);
    expect(written()).toBe(`\r\x1b[K${line}`);
  });

  test("what is over at once is not drawn", () => {
    const { report, written } = seen(true);
    report(progress(50, 100));
    report(progress(100, 100, true));
    vi.advanceTimersByTime(1000);
    expect(written()).toBe("");
  });

  test("nothing without a terminal", () => {
    const { report, written } = seen(false);
    report(progress(50, 100));
    vi.advanceTimersByTime(1000);
    report(progress(100, 100, true));
    expect(written()).toBe("");
  });
});

test("an upload is announced in the user's words", () => {
  const terminal = fakeTerminal();
  humanReport(terminal)({ type: "uploading", path: "./dump.tar", bytes: 9 });
  expect(terminal.err).toBe("Upload ./dump.tar to container.\n");
});
