import { expect, test } from "vitest";
import { TaskLogPosition } from "../../../../../src/oneoff/swarm/run/task-log-position.ts";
import type { Channel } from "../../../../../src/streams/frames.ts";

const SECOND = Date.UTC(2026, 10, 30, 6, 17) / 1000;
const stampOf = (seconds: number, nanoseconds = 0) =>
  `2026-11-30T06:17:${String(seconds).padStart(2, "0")}.${String(nanoseconds).padStart(9, "0")}Z`;

/** A log entry: its channel, and the seconds and nanoseconds of its time. */
type Entry = readonly [Channel, number, number?];

const pass = (position: TaskLogPosition, entries: readonly Entry[]) =>
  entries.filter(([channel, ...time]) => position.accept({ channel, stamp: stampOf(...time) }));

const OUT: readonly Entry[] = [
  ...([
    ["stdout", 10],
    ["stderr", 11],
    ["stdout", 11, 5],
    ["stdout", 11, 5],
  ] as const),
];

test("reads from the older of the last times of both channels", () => {
  const position = new TaskLogPosition();
  expect(position.reopen()).toBeUndefined();
  expect(pass(position, OUT)).toEqual(OUT);
  expect(position.reopen()).toBe(`${SECOND + 11}.000000000`);
  const more: readonly Entry[] = [
    ["stdout", 11, 5],
    ["stderr", 11, 6],
    ["stdout", 33],
  ];
  expect(pass(position, [...OUT.slice(1), ...more])).toEqual(more);
});

test("reads a moment again if a channel was silent for long", () => {
  const position = new TaskLogPosition();
  pass(position, [
    ["stderr", 1],
    ["stdout", 40, 7],
  ]);
  expect(position.reopen()).toBe(`${SECOND + 39}.750000007`);
  expect(
    pass(position, [
      ["stderr", 39, 800_000_000],
      ["stdout", 40, 7],
    ]),
  ).toEqual([["stderr", 39, 800_000_000]]);
});

test("reads a moment again if a channel was always silent", () => {
  const position = new TaskLogPosition();
  pass(position, [
    ["stdout", 39, 900_000_000],
    ["stdout", 40, 7],
  ]);
  expect(position.reopen()).toBe(`${SECOND + 39}.750000007`);
  const more: readonly Entry[] = [
    ["stderr", 40, 6],
    ["stdout", 40, 7],
  ];
  expect(pass(position, [["stdout", 39, 900_000_000], ["stdout", 40, 7], ...more])).toEqual(more);
});

test("drops what a followed log repeats after an outage", () => {
  const position = new TaskLogPosition();
  pass(position, OUT);
  expect(pass(position, [...OUT, ["stdout", 33]])).toEqual([["stdout", 33]]);
  expect(pass(position, [...OUT, ["stdout", 33], ["stderr", 34]])).toEqual([["stderr", 34]]);
});

test("drops what a log that was opened again repeats after an outage", () => {
  const position = new TaskLogPosition();
  pass(position, OUT);
  position.reopen();
  const tail: readonly Entry[] = [...OUT.slice(1), ["stdout", 33]];
  expect(pass(position, tail)).toEqual([["stdout", 33]]);
  expect(pass(position, [...tail, ["stdout", 34]])).toEqual([["stdout", 34]]);
});

test("skips entries by their number after the clock of the node was set back", () => {
  const position = new TaskLogPosition();
  const stepped: readonly Entry[] = [
    ["stdout", 10],
    ["stdout", 20],
    ["stdout", 15],
    ["stderr", 15],
  ];
  expect(pass(position, stepped)).toEqual(stepped);
  expect(position.reopen()).toBeUndefined();
  const more: readonly Entry[] = [
    ["stdout", 16],
    ["stderr", 12],
  ];
  expect(pass(position, [...stepped, ...more])).toEqual(more);
});
