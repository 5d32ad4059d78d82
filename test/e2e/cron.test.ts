import { describe, expect, inject, test } from "vitest";
import { taskId } from "../../src/app/cron/cron-task.ts";
import { deployPlace } from "../support/deploy-place.ts";
import { eventually } from "../support/oneoff-suite.ts";

const host = inject("engineHost");

/** The exit code is 3, and the output ends with DYNO. */
const REPORT = { command: "report now", schedule: "5 5 5 5 5" };
const SLEEP = { command: "sleep 600", schedule: "@daily" };
const PROCFILE = "web: sleep 600\nreport: sh -c 'echo \"$0 $DYNO\"; cat; exit 3'\n";

const place = (cron: readonly object[], more: { yaml?: string } = {}) =>
  deployPlace(host, { files: { "app.json": JSON.stringify({ cron }), Procfile: PROCFILE }, ...more });

interface Listed {
  readonly id: string;
  readonly description: string;
  readonly nextRun: string | null;
  readonly lastRun: { readonly state: string; readonly exitCode: number | null; readonly seconds: number } | null;
}

describe.concurrent("scheduled tasks", () => {
  test("lists and runs the tasks of a release, and records how a run ended", async () => {
    await using here = await place([REPORT]);
    await here.deployed();
    const id = taskId(here.app, REPORT);
    const listed = async (): Promise<Listed[]> =>
      JSON.parse((await here.oneoff("cron", "--format", "json", here.app)).stdout);
    expect(await listed()).toMatchObject([
      { id, description: "At 05:05, on day 5 of the month, or on Friday, only in May", lastRun: null },
    ]);
    const { code, stdout, stderr } = await here.oneoff("cron:run", here.app, id);
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: `now cron.${id}\n`, stderr: "" });
    const [{ lastRun }] = (await listed()) as [Listed];
    expect(lastRun).toMatchObject({ state: "crashed", exitCode: 3 });
    expect((await here.oneoff("ps", "--all", here.app)).stdout).toContain(`cron.${id}.`);
    expect(await here.containers()).toEqual(["web.1 running"]);
    expect((await here.oneoff("cron")).stdout).toMatch(new RegExp(`^${here.app} +${id} .* exit 3`, "m"));
  });

  test("rejects invalid tasks before a deploy changes anything", async () => {
    await using here = await place([{ key: "value" }, { command: "echo a; echo b > /tmp/x", schedule: "0 5 * * * *" }]);
    const { code, stderr } = await here.deploy();
    expect(code).toBe(2);
    expect(stderr.match(/app\.json:1:\d+: .*/g)).toHaveLength(4);
    expect(await here.tags()).toEqual([]);
    await here.write("app.json", JSON.stringify({ cron: [{ command: "true", schedule: "@nonstandard" }] }));
    expect((await here.deploy()).stderr).toContain('expected "@yearly"');
  });

  test("forbids a second run while one runs, replaces it, or allows both", async () => {
    const policies = ["forbid", "replace", "allow"].map((policy) => ({
      ...SLEEP,
      command: `sleep 60${policy.length}`,
      concurrency_policy: policy,
    }));
    await using here = await place(policies);
    await here.deployed();
    const [forbid = "", replace = "", allow = ""] = policies.map((task) => taskId(here.app, task));
    const start = async (id: string) => await here.oneoff("cron:run", "--detach", here.app, id);
    const running = async (id: string) =>
      (await here.containers()).filter((one) => one.startsWith(`cron.${id}.`) && one.endsWith("running"));
    for (const id of [forbid, replace, allow]) expect(await start(id)).toMatchObject({ code: 0 });
    const [held] = await running(forbid);

    const refused = await start(forbid);
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain(`${here.app} currently has a cron lock in place for ${forbid}`);
    expect(await running(forbid)).toEqual([held]);

    const [old] = await running(replace);
    expect(await start(replace)).toMatchObject({ code: 0 });
    await eventually(async () => {
      const now = await running(replace);
      expect(now).toHaveLength(1);
      expect(now).not.toEqual([old]);
    });

    expect(await start(allow)).toMatchObject({ code: 0 });
    expect(await running(allow)).toHaveLength(2);
    const { Config } = await here.inspect((await running(allow))[0]?.replace(" running", "") ?? "");
    expect(Config.Env).toContain(`DYNO=cron.${allow}`);
    expect(Config.Labels).toMatchObject({ "dev.oneoff.kind": "run", "dev.oneoff.timeout": "86400" });
    expect((await here.oneoff("stop", held?.replace(" running", "") ?? "")).code).toBe(0);
  });

  test("stops a task at the time limit of its app", { tags: ["full"] }, async () => {
    await using here = await place([SLEEP], { yaml: "run: {timeout: 1s}\n" });
    await here.deployed();
    const { code, stderr } = await here.oneoff("cron:run", here.app, taskId(here.app, SLEEP));
    expect([code, stderr]).toEqual([124, expect.stringContaining("timeout")]);
  });

  test("prefers the tasks of oneoff.yaml", async () => {
    const yaml = 'cron:\n- {command: "true", schedule: "@hourly", maintenance: true, timezone: Asia/Tokyo}\n';
    await using here = await place([REPORT], { yaml });
    const { stdout } = await here.oneoff("cron", "--format", "json", here.app);
    expect(JSON.parse(stdout)).toMatchObject([{ command: "true", maintenance: true, nextRun: null }]);
  });
});
