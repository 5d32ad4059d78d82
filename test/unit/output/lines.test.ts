import { describe, expect, test } from "vitest";
import { humanLine } from "../../../src/output/human.ts";
import { checkLine, danglingVolumeLine, lockLine, type ReapedItem, reapedLine } from "../../../src/output/lines.ts";

const CREATED = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;

test.each([
  ["held", "migrate: held by run.7364 of my-app since 2013/03/13 15:38:08 (~ 1s ago)"],
  ["stale", "migrate: stale, held by run.7364 of my-app since 2013/03/13 15:38:08 (~ 1s ago)"],
])("prints a %s lock", (state, line) =>
  expect(lockLine({ key: "migrate", state, app: "my-app", name: "run.7364", since: CREATED }, CREATED + 1)).toBe(line),
);

test.each([
  [null, "streams   ok       0.42 s   stdin reaches EOF\n"],
  ["exit code 1", "streams   FAILED   0.42 s   exit code 1\n"],
])("prints a check with the error %s", (error, line) =>
  expect(
    checkLine({ check: "streams", ok: error === null, seconds: 0.42, description: "stdin reaches EOF", error }),
  ).toBe(line),
);

describe("reap", () => {
  const container = { name: "run.7364", containerName: "my-app.run.7364", app: "my-app", retain: undefined };

  test.each<[reaped: ReapedItem, done: string, dryRun: string]>([
    [
      { action: "stop", reason: "deadline", container },
      "Stopped run.7364 of my-app: its deadline has passed",
      "Would stop run.7364 of my-app: its deadline has passed",
    ],
    [
      { action: "stop", reason: "orphaned", container },
      "Stopped run.7364 of my-app: its client has exited",
      "Would stop run.7364 of my-app: its client has exited",
    ],
    [
      { action: "hangup", reason: "orphaned", container },
      "Sent SIGHUP to run.7364 of my-app: its client has exited",
      "Would send SIGHUP to run.7364 of my-app: its client has exited",
    ],
    [
      { action: "remove", reason: "expired", container: { ...container, retain: 86_400 } },
      "Removed run.7364 of my-app: kept for 24h",
      "Would remove run.7364 of my-app: kept for 24h",
    ],
    [
      { action: "remove", reason: "never-started", container: { ...container, name: "", containerName: "brave_bell" } },
      "Removed brave_bell of my-app: it was never started",
      "Would remove brave_bell of my-app: it was never started",
    ],
    [
      { action: "remove", reason: "stale-lock", lock: "migrate", container },
      'Removed the lock "migrate" of my-app: run.7364 has exited',
      'Would remove the lock "migrate" of my-app: run.7364 has exited',
    ],
  ])("prints %j", (reaped, done, dryRun) =>
    expect([reapedLine(reaped, false), reapedLine(reaped, true)]).toEqual([done, dryRun]),
  );

  test.each([
    [false, "Removed a volume of run.7364 of my-app: its container no longer exists"],
    [true, "Would remove a volume of run.7364 of my-app: its container no longer exists"],
  ])("prints a dangling volume, dry run: %s", (dryRun, line) =>
    expect(danglingVolumeLine({ name: "run.7364", app: "my-app" }, dryRun)).toBe(line),
  );
});

describe("a process", () => {
  const process = { type: "process", app: "shop", name: "web.1" } as const;
  const failure = { check: "GET /", reason: "no response within 5 s", summary: "no response within 5 s" };

  test.each([
    [{ ...process, state: "starting" }, "Starting web.1"],
    [{ ...process, state: "waiting", check: "GET /, port 80" }, "Waiting for web.1: GET /, port 80"],
    [{ ...process, state: "waiting", check: "uptime", seconds: 10 }, "web.1 must stay up for 10 s"],
    [{ ...process, state: "healthy" }, "web.1 is healthy"],
    [{ ...process, state: "unhealthy", ...failure, attempt: 1, maxAttempts: 3 }, undefined],
    [
      { ...process, state: "unhealthy", ...failure, attempt: 2, maxAttempts: 3 },
      "web.1: health check failed (2/3): no response within 5 s",
    ],
    [{ ...process, state: "live" }, undefined],
    [{ ...process, state: "unchanged" }, "web.1 is already running"],
    [{ ...process, state: "stopping", stopTimeout: 30 }, "Stopping web.1 (waiting up to 30 s)"],
    [{ ...process, state: "stopped" }, "Stopped web.1"],
    [{ ...process, state: "removed" }, "Removed web.1"],
    [{ type: "process-skipped", app: "shop", processType: "web" }, "Skipping web: not in the current Procfile"],
  ] as const)("prints %j", (event, line) => expect(humanLine(event)).toBe(line));
});

test("prints how web is reached, by network and on the host", () => {
  const published = (address: string, hostPort: number, protocol = "tcp") => ({
    address,
    hostPort,
    port: 5000,
    protocol,
  });
  const reachable = { type: "reachable", app: "shop", processType: "web" } as const;
  const addresses = [{ network: "front", host: "shop", port: 5000 }];
  const ports = [published("0.0.0.0", 8080), published("::1", 53, "udp")];
  expect(humanLine({ ...reachable, addresses, published: ports })).toBe(
    "web is reachable at http://shop:5000 on network front\nweb is published at 0.0.0.0:8080, [::1]:53/udp",
  );
  expect(humanLine({ ...reachable, addresses: [], published: [] })).toBeUndefined();
});
