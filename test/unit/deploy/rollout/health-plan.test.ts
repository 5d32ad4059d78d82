import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { checkName, hasListener, healthPlan } from "../../../../src/deploy/rollout/health-plan.ts";

const checksOf = (...checks: string[]) =>
  parseAppJson(Buffer.from(`{"healthchecks": {"web": [${checks.join(",")}]}}`)).healthchecks.get("web") ?? [];

describe("healthPlan", () => {
  test("prefers startup checks to the HEALTHCHECK of the image", () => {
    const checks = checksOf('{"path": "/"}', '{"type": "liveness", "path": "/live"}');
    expect(healthPlan(checks, true, 3)).toEqual({ by: "checks", checks: checks.slice(0, 1) });
  });

  test("ignores liveness and readiness checks", () =>
    expect(healthPlan(checksOf('{"type": "readiness", "path": "/"}'), false, undefined)).toEqual({
      by: "uptime",
      seconds: 10,
    }));

  test("uses the HEALTHCHECK of the image, else the uptime", () => {
    expect(healthPlan(undefined, true, 3)).toEqual({ by: "image" });
    expect(healthPlan([], false, 3)).toEqual({ by: "uptime", seconds: 3 });
  });

  test.each([
    ['{"name": "its name", "path": "/x"}', "its name"],
    ['{"path": "/x"}', "path /x"],
    ['{"command": ["a"]}', "command"],
    ['{"listening": true}', "listening"],
    ['{"uptime": 3}', "uptime"],
  ])("names the check %s %j", (check, name) => {
    const [one] = checksOf(check);
    expect(one && checkName(one)).toBe(name);
  });
});

describe("hasListener", () => {
  const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";
  const row = (address: string, state = "0A") =>
    `${header}   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1\n`;

  test.each([
    ["0.0.0.0", "00000000:1388", true],
    ["an address of its own", "0200A8C0:1388", true],
    ["127.0.0.1", "0100007F:1388", false],
    ["127.1.2.3", "0302017F:1388", false],
    ["::", "00000000000000000000000000000000:1388", true],
    ["::1", "00000000000000000000000001000000:1388", false],
    ["::ffff:127.0.0.1", "0000000000000000FFFF00000100007F:1388", false],
    ["another port", "00000000:1389", false],
  ])("detects a listener that others can reach (%s)", (_, address, isFound) =>
    expect(hasListener(row(address), 5000)).toBe(isFound),
  );

  test("finds no listener in an empty table or a connection", () => {
    expect(hasListener(row("00000000:1388", "01"), 5000)).toBe(false);
    expect(hasListener(header, 5000)).toBe(false);
    expect(hasListener("", 5000)).toBe(false);
  });
});
