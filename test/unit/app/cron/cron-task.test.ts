import { expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { findTask, taskArgs, taskId } from "../../../../src/app/cron/cron-task.ts";
import { canonicalZone, parseZone } from "../../../../src/app/cron/time-zone.ts";

const TASK = { command: "python3 task.py schedule", schedule: "5 5 5 5 5" };
const tasks = (cron: readonly object[]) => parseAppJson(Buffer.from(JSON.stringify({ cron }))).cron;

test("names a task by app, command and schedule", () => {
  const id = taskId("shop", TASK);
  expect(id).toMatch(/^[a-z0-9]{8}$/);
  expect(taskId("shop", { ...TASK })).toBe(id);
  const others = [taskId("shop2", TASK), taskId("shop", { ...TASK, command: "python3 task.py" })];
  expect(new Set([id, ...others]).size).toBe(3);
});

test("finds a task by its ID and by the ID of dokku", () => {
  const all = tasks([{ command: "true", schedule: "@daily" }, TASK]);
  // Base 36 of the bytes of "shop===true===@daily".
  const dokku = BigInt(`0x${Buffer.from("shop===true===@daily").toString("hex")}`).toString(36);
  expect(findTask("shop", all, taskId("shop", TASK))).toBe(all[1]);
  expect(findTask("shop", all, dokku)).toBe(all[0]);
  expect(findTask("shop", all, "true")).toBeUndefined();
});

test.each([
  ["task some", ["task", "some"]],
  ["sh -c 'a; b'", ["sh", "-c", "a; b"]],
  ["rake build[daily]", ["rake build[daily]"]],
])("runs %s with the arguments of a one-off", (command, args) => expect(taskArgs({ command })).toEqual(args));

test("accepts the keys of dokku, and ignores others", () =>
  expect(
    tasks([
      { ...TASK, concurrency_policy: "replace", maintenance: true, other: 1 },
      { ...TASK, schedule: "@weekly" },
    ]),
  ).toMatchObject([
    { ...TASK, policy: "replace", maintenance: true },
    { schedule: "@weekly", policy: "allow", maintenance: false },
  ]));

test.each([
  ["europe/berlin", "Europe/Berlin"],
  ["Asia/Kolkata", "Asia/Kolkata"],
  ["utc", "UTC"],
  ["+01:00", undefined],
  ["Mars/Olympus", undefined],
])("reads the time zone %s as systemd knows it", (written, zone) => expect(parseZone(written)).toBe(zone));

test("compares time zones by their canonical names", () =>
  expect(["Etc/UTC", "Zulu", "Nowhere"].map(canonicalZone)).toEqual(["UTC", "UTC", undefined]));
