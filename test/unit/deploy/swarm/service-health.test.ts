import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { type CheckFacts, serviceHealth, type Tool } from "../../../../src/deploy/swarm/service-health.ts";

const checksOf = (...checks: object[]) =>
  parseAppJson(Buffer.from(JSON.stringify({ healthchecks: { web: checks } }))).healthchecks.get("web") ?? [];

const facts = (checks: object[], tools: Tool[] = ["sh", "curl"], more: Partial<CheckFacts> = {}): CheckFacts => ({
  ...{ checks: checksOf(...checks), tools: new Set(tools), imageHasCheck: false, port: 5000 },
  ...more,
});

test("runs one command without a shell, with the times of app.json", () =>
  expect(
    serviceHealth(facts([{ command: ["/check", "a b"], attempts: 4, wait: 2, timeout: 3, initialDelay: 9 }], [])),
  ).toEqual({
    healthcheck: { Test: ["CMD", "/check", "a b"], Interval: 2e9, Timeout: 3e9, Retries: 4, StartPeriod: 9e9 },
    ...{ isChecked: true, monitorS: 5, impossible: [] },
  }));

test("joins several checks in a shell, and reports checks that the image cannot run", () => {
  const checks = [{ command: ["a", "$b"] }, { path: "/health" }, { name: "port", listening: true }];
  const { healthcheck, impossible } = serviceHealth(facts(checks));
  expect(healthcheck?.Test?.slice(0, 3)).toEqual(["CMD", "sh", "-c"]);
  expect(healthcheck?.Test?.[3]).toContain("(a '$b') || exit 1");
  expect(impossible).toEqual([]);
  expect(serviceHealth(facts(checks, ["sh"])).impossible).toEqual(["path /health"]);
  expect(serviceHealth(facts(checks, [])).impossible).toEqual(["command", "path /health", "port"]);
});

test.each<[string, CheckFacts, boolean, number]>([
  ["the HEALTHCHECK of the image", facts([], [], { imageHasCheck: true }), true, 5],
  ["no check", facts([]), false, 10],
  ["health-wait", facts([], [], { healthWait: 3 }), false, 3],
  ["an uptime", facts([{ uptime: 4 }]), false, 4],
  [
    "checks that only warn, or are for later",
    facts([
      { path: "/", warn: true },
      { type: "liveness", path: "/" },
    ]),
    false,
    10,
  ],
])("monitors with %s", (_case, given, isChecked, monitorS) =>
  expect(serviceHealth(given)).toEqual({ healthcheck: undefined, isChecked, monitorS, impossible: [] }),
);

/** Runs a script with tables of sockets, as the health check of a container. */
const listens = (port: number, tcp: string) => {
  const { healthcheck } = serviceHealth(facts([{ listening: true, port }]));
  const script = healthcheck?.Test?.[3]
    ?.replaceAll("/proc/net/tcp6", "/nonesuch")
    .replaceAll("/proc/net/tcp", "/dev/fd/3");
  try {
    execFileSync("sh", ["-c", `exec 3<<END\n${tcp}\nEND\n${script}`]);
    return true;
  } catch {
    return false;
  }
};

test.each([
  [8080, "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000", true],
  [8080, "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000", false],
  [8080, "   0: 00000000:1F90 00000000:0000 01 00000000:00000000", false],
  [80, "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000", false],
  [80, "   0: 00000000000000000000000000000000:0050 0:0 0A 0", true],
  [80, "   0: 00000000000000000000000001000000:0050 0:0 0A 0", false],
])("finds a listener on port %i in %s: %s", (port, table, found) => expect(listens(port, table)).toBe(found));
