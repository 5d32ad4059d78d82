import { expect, test } from "vitest";
import type { PullProgress } from "../../../src/engine/image-types.ts";
import { LayerProgress } from "../../../src/oneoff/pull.ts";
import type { Event } from "../../../src/output/events.ts";

type Line = readonly [layer: string, status: string, progressDetail?: PullProgress["progressDetail"]];

/** The events of a pull with these lines of the engine, e.g. `pull a 1/4`. */
function progressOf(lines: readonly Line[]): string[] {
  const events: Event[] = [];
  {
    using layers = new LayerProgress((event) => events.push(event));
    for (const [layer, status, progressDetail = {}] of lines) layers.show(layer, { status, progressDetail });
  }
  return events.map((event) => {
    if (event.type !== "progress") return event.type;
    const { operation, item, current, total, finished } = event;
    return `${operation} ${item} ${current}/${total ?? "?"}${finished ? " finished" : ""}`;
  });
}

test("reports download and extraction of each layer", () =>
  expect(
    progressOf([
      ["latest", "Pulling from library/busybox"],
      ["a", "Pulling fs layer"],
      ["a", "Downloading", { current: 1, total: 4 }],
      ["b", "Downloading", { current: 1 }],
      ["a", "Downloading", { current: 4, total: 4 }],
      ["a", "Verifying Checksum"],
      ["a", "Download complete"],
      ["a", "Extracting", { current: 2, total: 4 }],
      ["b", "Download complete"],
      ["a", "Pull complete"],
      ["c", "Already exists"],
    ]),
  ).toEqual([
    "pull a 1/4",
    "pull b 1/?",
    "pull a 4/4",
    "pull a 4/4 finished",
    "unpack a 2/4",
    "pull b 1/? finished",
    "unpack a 2/4 finished",
  ]));

test("finishes unfinished layers at the end", () =>
  expect(
    progressOf([
      ["a", "Downloading", { current: 1, total: 4 }],
      ["b", "Extracting", { current: 1, total: 4 }],
    ]),
  ).toEqual(["pull a 1/4", "unpack b 1/4", "pull a 1/4 finished", "unpack b 1/4 finished"]));

test("ignores progress in seconds", () =>
  expect(progressOf([["a", "Extracting", { current: 3, units: "s" }]])).toEqual([]));
