import { expect, onTestFinished, test, vi } from "vitest";
import { toSelection } from "../../../../src/cli/oneoffs/logs-options.ts";

const NOW = Date.UTC(2013, 2, 13, 15, 38, 9);
const wanted = (given: Parameters<typeof toSelection>[0]) => toSelection(given, "logs")(NOW);

test.each([
  [{}, 100],
  [{ num: "0" }, 0],
  [{ num: "7" }, 7],
  [{ num: "007" }, 7],
  [{ num: "all" }, Number.POSITIVE_INFINITY],
  [{ since: "10m" }, Number.POSITIVE_INFINITY],
  [{ since: "10m", num: "5" }, 5],
  [{ raw: true }, Number.POSITIVE_INFINITY],
  [{ raw: true, num: "5" }, 5],
])("selects the number of lines: with %j, %d", (given, count) => {
  expect(wanted(given).count).toBe(count);
});

test.each(["", "-1", "1.5", "ALL", "1e3", "0x10", " 1", "9".repeat(10)])("refuses %j as a number of lines", (num) => {
  expect(() => wanted({ num })).toThrow(
    `Invalid --num ${JSON.stringify(num)}: expected a number of lines such as 100, or all`,
  );
});

test.each([
  ["ERR|WARN", "a WARN b", true],
  ["^ERR", "\x1b[31mERR\x1b[0m", true],
  ["^b", "a\rb", true],
  ["(?i:error)", "Error", true],
  ["\\p{Lu}", "ä", false],
  ["", "", true],
])("--grep %j: whether it matches %j is %j", (grep, text, result) => {
  expect(wanted({ grep }).matches?.(text)).toBe(result);
});

test.each([
  ["(", "Unterminated group"],
  ["[b-a]", "Range out of order in character class"],
  ["a**", "Nothing to repeat"],
])("refuses --grep %j", (grep, cause) => {
  expect(() => wanted({ grep })).toThrow(`Invalid --grep ${JSON.stringify(grep)}: ${cause}`);
});

test("refuses --grep with --raw", () => {
  expect(() => wanted({ grep: "x", raw: true })).toThrow("--raw and --grep cannot be used together");
});

test.each([
  ["10m", "2013-03-13T15:28:09.000Z"],
  ["1h30m", "2013-03-13T14:08:09.000Z"],
  ["90", "2013-03-13T15:36:39.000Z"],
  ["2013-03-13", "2013-03-13T00:00:00.000Z"],
  ["2013-03-13T15:38Z", "2013-03-13T15:38:00.000Z"],
  ["2013-03-13T15:38:08.123456789Z", "2013-03-13T15:38:08.123Z"],
  ["2013-03-13T15:38:08+02:00", "2013-03-13T13:38:08.000Z"],
])("resolves --since %s to %s", (since, time) => {
  expect(wanted({ since }).since).toBe(time);
  expect(wanted({ until: since })).toMatchObject({ count: 100, since: undefined, until: time });
});

test("takes dates and times without a zone in the local time zone", () => {
  vi.stubEnv("TZ", "Asia/Tokyo");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(["2013-03-13", "2013-03-13T00:00"].map((since) => wanted({ since }).since)).toEqual([
    "2013-03-12T15:00:00.000Z",
    "2013-03-12T15:00:00.000Z",
  ]);
});

test.each([
  "",
  "0",
  "yesterday",
  "2013-",
  "2013-13-01",
  "2013-02-30",
  "2013-02-29T10:00Z",
  "2013-03-13T25:00Z",
  "13/03/2013",
  "-5m",
])("refuses %j as a time", (since) => {
  expect(() => wanted({ since })).toThrow(
    `Invalid --since ${JSON.stringify(since)}: expected 10m or a time such as 2013-03-13T15:38:08Z`,
  );
});
