import { expect, test } from "vitest";
import { reporter } from "../../../src/cli/reporting.ts";
import type { Event } from "../../../src/output/events.ts";
import { lockLine, propertyReport, reapedLine } from "../../../src/output/lines.ts";
import { logJson, logLine } from "../../../src/output/log-line.ts";
import { printJson, printText } from "../../../src/output/print.ts";
import { processList } from "../../../src/output/process-list.ts";
import { formatList } from "../../../src/output/table.ts";
import { escapeControls, escapedJson } from "../../../src/text/escape.ts";
import { fakeTerminal, RecordingStream } from "../../support/fake-terminal.ts";

/** Without a line break, for texts that may have several lines. */
const CONTROLS = "x\r\x1b]0;title\x07\x1b[2J\x7f\u009b2J\u202e\u2028y";
const HOSTILE = `${CONTROLS}\nforged`;

const EVENTS: Readonly<Record<Event["type"], Event>> = {
  warning: { type: "warning", message: CONTROLS },
  "not-copied": { type: "not-copied", message: CONTROLS },
  "build-step": { type: "build-step", step: HOSTILE.replace("\n", ""), cached: true },
  "build-output": { type: "build-output", step: HOSTILE, text: CONTROLS },
  pull: { type: "pull", image: HOSTILE, status: HOSTILE },
  push: { type: "push", image: HOSTILE, status: HOSTILE },
  placed: { type: "placed", app: HOSTILE, node: HOSTILE, way: "task", reason: HOSTILE },
  running: { type: "running", app: HOSTILE, name: HOSTILE },
  attached: { type: "attached", name: HOSTILE, app: HOSTILE, interrupt: "key", detachKeys: HOSTILE },
  published: { type: "published", app: HOSTILE, name: HOSTILE, ports: [{ port: HOSTILE, address: HOSTILE }] },
  detached: { type: "detached", name: HOSTILE },
  "still-running": { type: "still-running", name: HOSTILE },
  stopping: { type: "stopping", name: HOSTILE, reason: "interrupt", stopTimeout: 10 },
  "oom-killed": { type: "oom-killed", name: HOSTILE, memoryLimit: 1024 },
  "config-written": { type: "config-written", file: HOSTILE, apps: [HOSTILE] },
  uploading: { type: "uploading", path: HOSTILE, target: HOSTILE },
  fetched: { type: "fetched", source: HOSTILE, path: HOSTILE, bytes: 1 },
  progress: { type: "progress", operation: "pull", item: HOSTILE, current: 1, total: undefined, finished: true },
  removing: { type: "removing", name: HOSTILE },
  "env-set": { type: "env-set", app: HOSTILE, names: [HOSTILE] },
  "step-started": { type: "step-started", step: HOSTILE, command: HOSTILE },
  "step-skipped": { type: "step-skipped", step: HOSTILE, reason: HOSTILE },
  "step-done": { type: "step-done", step: HOSTILE, seconds: 1 },
  "step-failed": { type: "step-failed", step: HOSTILE, seconds: 1 },
  deployed: { type: "deployed", app: HOSTILE, release: 1, image: HOSTILE },
  unchanged: { type: "unchanged", app: HOSTILE, release: 1, image: HOSTILE },
  plan: { type: "plan", app: HOSTILE, steps: [{ step: HOSTILE, command: HOSTILE, skipReason: HOSTILE }] },
  summary: {
    ...{ type: "summary", app: HOSTILE, outcome: "deployed", release: 1, seconds: 1 },
    steps: [{ step: HOSTILE, outcome: "done", seconds: 1 }],
  },
  formation: { type: "formation", app: HOSTILE, processes: [{ processType: HOSTILE, quantity: 1 }] },
  failed: { type: "failed", code: "x", message: CONTROLS, next: CONTROLS, exitCode: 1 },
  "deploy-failed": { type: "deploy-failed", app: HOSTILE, liveRelease: undefined, changed: false },
  "phase-output": { type: "phase-output", phase: HOSTILE, stream: "stdout", text: CONTROLS },
  retrying: { type: "retrying", app: HOSTILE, name: HOSTILE },
  stopped: { type: "stopped", name: HOSTILE, app: HOSTILE },
  "already-exited": { type: "already-exited", name: HOSTILE, app: HOSTILE },
  "none-found": {
    ...{ type: "none-found", resource: HOSTILE, app: HOSTILE, states: [HOSTILE], hasRunningProcesses: true },
  },
  "lock-waiting": { type: "lock-waiting", key: HOSTILE, name: HOSTILE, app: HOSTILE },
  "lock-replacing": { type: "lock-replacing", key: HOSTILE, name: HOSTILE, app: HOSTILE },
  "lock-skipped": { type: "lock-skipped", key: HOSTILE, name: HOSTILE, app: HOSTILE },
  "cron-installed": { type: "cron-installed", app: HOSTILE, scheduler: HOSTILE, tasks: 1 },
  "cron-outdated": { type: "cron-outdated", app: HOSTILE, scheduler: HOSTILE },
  "cron-removed": { type: "cron-removed", app: HOSTILE, scheduler: HOSTILE },
  process: {
    ...{
      type: "process",
      app: HOSTILE,
      name: HOSTILE,
      state: "unhealthy",
      ...{ check: HOSTILE, reason: HOSTILE, summary: HOSTILE },
      attempt: 2,
      maxAttempts: 2,
    },
  },
  reachable: {
    ...{ type: "reachable", app: HOSTILE, processType: HOSTILE },
    addresses: [{ network: HOSTILE, host: HOSTILE, port: 5000 }],
    published: [{ address: HOSTILE, hostPort: 80, port: 5000, protocol: HOSTILE }],
  },
  "process-skipped": { type: "process-skipped", app: HOSTILE, processType: HOSTILE },
  "nothing-to-reap": { type: "nothing-to-reap" },
  "no-output": { type: "no-output", name: HOSTILE, reason: "removed" },
  "log-full": { type: "log-full", name: HOSTILE, since: HOSTILE },
  "log-joined": { type: "log-joined", name: HOSTILE, app: HOSTILE, containerId: HOSTILE },
  "log-left": { type: "log-left", name: HOSTILE, app: HOSTILE, containerId: HOSTILE, exitCode: 1 },
  "output-lost": { type: "output-lost", name: HOSTILE, until: HOSTILE },
  unlocked: { type: "unlocked", key: HOSTILE },
};

/** Sequences that oneoff itself writes: colours and section markers of GitLab. */
const OWN = /\x1b\[\d*m|\x1b\[0Ksection_[^\r]*\r\x1b\[0K/g;

function expectHarmless(text: string): void {
  expect(text.replace(OWN, "")).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e]/);
  expect(text).not.toMatch(/^forged/m);
}

const looks = [{}, { color: "always" }, { ci: "github" }, { ci: "gitlab" }, { json: true }];
const cases = Object.values(EVENTS).flatMap((event) => looks.map((look) => [event.type, look, event] as const));

test.each(cases)("prints %s as %o without control sequences", (_type, look, event) => {
  const terminal = fakeTerminal();
  const pages: string[] = [];
  const report = reporter({
    terminal,
    env: { GITHUB_STEP_SUMMARY: "page" },
    now: () => 0,
    monotonic: () => 0,
    token: () => "token",
    appendFile: (_path, text) => void pages.push(text),
  })(look);
  report(event);
  expectHarmless(terminal.out + terminal.err + pages.join(""));
});

const printed = <T>(data: T, render: (data: T) => string) => {
  const output = new RecordingStream();
  printText(output, data, render);
  return output.bytes.toString();
};

const container = { name: HOSTILE, containerName: HOSTILE, app: HOSTILE, retain: undefined };
const listed = {
  ...{ name: HOSTILE, state: HOSTILE, code: 1, signal: undefined, created: 0, ended: undefined, command: HOSTILE },
};
const place = { time: "2013-03-13T15:38:08Z", app: HOSTILE, name: HOSTILE, containerId: HOSTILE };

test.each([
  ["a list", printed([[HOSTILE, HOSTILE]], (rows) => formatList(["A", "B"], rows))],
  ["a list of processes", printed([{ heading: HOSTILE, processes: [listed] }], (groups) => processList(groups, 0))],
  [
    "a lock",
    printed({ key: HOSTILE, state: HOSTILE, app: HOSTILE, name: HOSTILE, since: 0 }, (lock) => lockLine(lock, 0)),
  ],
  [
    "what was reaped",
    printed({ action: "remove", reason: "stale-lock", lock: HOSTILE, container } as const, (one) =>
      reapedLine(one, false),
    ),
  ],
  ["properties", printed([[HOSTILE, HOSTILE] as const], (rows) => propertyReport("x", rows))],
  ["a Map", printed(new Map([[HOSTILE, HOSTILE]]), (map) => [...map].join())],
  ["a line of a log", logLine({ ...place, source: "app", stream: "stdout", text: CONTROLS })],
  [
    "a step in a log",
    logLine({ ...place, source: "oneoff", step: { event: "starting", command: HOSTILE, user: HOSTILE } }),
  ],
  ["a line of a log as JSON", logJson({ ...place, source: "app", stream: "stdout", text: HOSTILE })],
])("prints %s without control sequences", (_what, text) => expectHarmless(text));

test("keeps only the colours in a log line of a command", () =>
  expect(logLine({ ...place, name: "run.1", source: "app", stream: "stdout", text: "old\r\x1b[31mred\x1b[2J" })).toBe(
    "2013-03-13T15:38:08.000Z app[run.1]: \x1b[31mred\x1b[0m\n",
  ));

test("escapes JSON without changing its value", () => {
  const output = new RecordingStream();
  printJson(output, [{ [HOSTILE]: HOSTILE }], 2);
  expectHarmless(output.bytes.toString());
  expect(JSON.parse(output.bytes.toString())).toEqual([{ [HOSTILE]: HOSTILE }]);
  expect(JSON.parse(escapedJson(HOSTILE))).toBe(HOSTILE);
});

test("escapes idempotently", () => expect(escapeControls(escapeControls(HOSTILE))).toBe(escapeControls(HOSTILE)));
