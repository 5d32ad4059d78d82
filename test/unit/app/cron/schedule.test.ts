import { describe, expect, test } from "vitest";
import { nextRuns } from "../../../../src/app/cron/next-run.ts";
import { toOnCalendar } from "../../../../src/app/cron/on-calendar.ts";
import { isProblem, parseSchedule, type Schedule } from "../../../../src/app/cron/schedule.ts";
import { scheduleInWords } from "../../../../src/app/cron/words.ts";
import { randomOf } from "../../../support/random.ts";
import { cronRule, randomSchedule } from "../../../support/random-schedule.ts";

const schedule = (text: string): Schedule => {
  const parsed = parseSchedule(text);
  if (isProblem(parsed)) throw new Error(`${text}: ${JSON.stringify(parsed)}`);
  return parsed;
};

const NOW = Date.UTC(2026, 0, 15, 12, 0, 30);
const MINUTE_MS = 60_000;

describe("parses a cron expression", () => {
  test.each([
    ["0 0 * * 7", [0]],
    ["0 0 * * 5-7", [0, 5, 6]],
    ["0 0 * * Sun,SAT", [0, 6]],
    ["0 0 * * sun-tue", [0, 1, 2]],
    ["0 0 * * */2", [0, 2, 4, 6]],
  ])("the weekdays of %s", (text, weekdays) => expect(schedule(text).weekdays).toEqual(weekdays));

  test.each([
    ["5 4-20/6 1,15 jan,JUN 1-5", { minutes: [5], hours: [4, 10, 16], days: [1, 15], months: [1, 6] }],
    ["*/60 */24 * * *", { minutes: [0], hours: [0] }],
    ["*/25 0 * * *", { minutes: [0, 25, 50], hours: [0] }],
    [" 1\t2  3 4 5 ", { expression: "1 2 3 4 5", needsBothDays: false }],
    ["@monthly", { expression: "0 0 1 * *", needsBothDays: true }],
    ["0 0 */2 * 1", { needsBothDays: true }],
    ["0 0 1 * */2", { needsBothDays: true }],
  ])("%s", (text, part) => expect(schedule(text)).toMatchObject(part));

  test.each([
    ...["@nonstandard", "@every 5m", "@reboot", "@Daily", ""],
    ...["0 5 * * * *", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8"],
    ...["5/5 * * * *", "*/0 * * * *", "5-1 * * * *", "1,,2 * * * *", "-1 * * * *", "1- * * * *"],
    ...["a * * * *", "* * jan * *", "* * * mon *", "* * L * *", "* * * * 5#2", "* * ? * *", "* * 1W * *", "~ * * * *"],
    ...["0 0 31 2,4,6,9,11 *", "0 0 30 2 *", "0x1 * * * *", "1e1 * * * *", "**/2 * * * *", "*-5 * * * *"],
  ])("rejects %j", (text) => expect(parseSchedule(text)).toHaveProperty("kind"));

  test.each(["0 0 29 2 *", "0 0 31 2 1", "0 0 31 2,3 *"])("accepts %j, which is due at times", (text) =>
    expect(schedule(text).minutes).toEqual([0]),
  );
});

test("finds the next runs by cron's rule, for 500 random expressions", async () => {
  const random = randomOf(15);
  for (let count = 0; count < 500; count += 1) {
    const text = randomSchedule(random);
    const parsed = parseSchedule(text);
    // `Sat-Sun` and days that no month has.
    if (isProblem(parsed)) continue;
    const isDue = cronRule(text);
    const [next] = await nextRuns(parsed, "UTC", NOW, 1);
    const first = Math.ceil(NOW / MINUTE_MS) * MINUTE_MS;
    const limit = first + 40 * 1440 * MINUTE_MS;
    let due = first;
    while (due < limit && !isDue(new Date(due))) due += MINUTE_MS;
    const found = due < limit ? due : undefined;
    expect([text, next !== undefined && next < limit ? next : undefined]).toEqual([text, found]);
  }
});

describe("converts to calendar events of systemd", () => {
  test.each([
    ["* * * * *", ["*-*-* *:*:00"]],
    ["30 3 * * mon-fri", ["Mon,Tue,Wed,Thu,Fri *-*-* 03:30:00"]],
    ["0 0 13 * 5", ["*-*-13 00:00:00", "Fri *-*-* 00:00:00"]],
    ["0 0 */2 * 1", ["Mon *-*-01,03,05,07,09,11,13,15,17,19,21,23,25,27,29,31 00:00:00"]],
    ["0 0 1-31 * 1", ["*-*-* 00:00:00"]],
    ["0 0 1 * 0-6", ["*-*-* 00:00:00"]],
  ])("%s", (text, events) => expect(toOnCalendar(schedule(text))).toEqual(events));

  test("with a time zone", () =>
    expect(toOnCalendar(schedule("0 0 1 * 5"), "Asia/Tokyo")).toEqual([
      "*-*-01 00:00:00 Asia/Tokyo",
      "Fri *-*-* 00:00:00 Asia/Tokyo",
    ]));
});

test.each([
  ["@daily", "At 00:00"],
  ["0 0 13 * 5", "At 00:00, on day 13 of the month, or on Friday"],
  ["0 0 13 * mon-fri", "At 00:00, on day 13 of the month, or Monday through Friday"],
  ["0 0 * * 1-7", "At 00:00"],
  ["0 0 1-31 * 1", "At 00:00"],
  ["*/99 * * * *", "Every hour"],
  ["0 0 * * */7", "At 00:00, only on Sunday"],
  ["0 0 1 * 0,7", "At 00:00, on day 1 of the month, or on Sunday"],
  ["0 0 2,2 1-12 *,mon", "At 00:00, on day 2 of the month"],
  ["0 0 */2 * 1", "At 00:00, every 2 days in a month, only on Monday"],
  ["*/15 9-17 * * mon-fri", "Every 15 minutes, between 09:00 and 17:59, Monday through Friday"],
])("describes %s in words", async (text, words) => expect(await scheduleInWords(schedule(text))).toBe(words));
