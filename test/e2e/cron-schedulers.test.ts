import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, test, vi } from "vitest";
import { parseAppJson } from "../../src/app/app-json.ts";
import { taskId } from "../../src/app/cron/cron-task.ts";
import { nextRuns } from "../../src/app/cron/next-run.ts";
import { toOnCalendar } from "../../src/app/cron/on-calendar.ts";
import { isProblem, parseSchedule, type Schedule } from "../../src/app/cron/schedule.ts";
import { unitFiles } from "../../src/app/cron/units.ts";
import { deployPlace } from "../support/deploy-place.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { run, start } from "../support/process.ts";
import { randomOf } from "../support/random.ts";
import { randomSchedule } from "../support/random-schedule.ts";

const host = inject("engineHost");

const RUNS = 5;

/** The next runs of each calendar event, in seconds since 1970. */
async function systemdRuns(events: readonly string[], since: string, env = {}): Promise<number[][]> {
  await install("systemd-analyze");
  const argv = ["systemd-analyze", "calendar", `--base-time=${since}`, `--iterations=${RUNS}`, ...events];
  const { code, stdout, stderr } = await run(argv, { env: { TZ: "UTC", ...env } });
  expect([code, stderr.toString()]).toEqual([0, ""]);
  const parts = stdout.toString().split(/\n(?= *(?:Original|Normalized) form: )/);
  const forms = parts.filter((part) => part.includes("Normalized form:"));
  return forms.map((part) =>
    Array.from(part.matchAll(/(?:Next elapse|Iter\. #\d+|\(in UTC\)): \w{3} ([\d-]+ [\d:]+) UTC/g), ([, time]) =>
      Date.parse(`${time?.replace(" ", "T")}Z`),
    ),
  );
}

const randomSchedules = (seed: number, count: number): (readonly [text: string, schedule: Schedule])[] => {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => randomSchedule(random)).flatMap((text) => {
    const schedule = parseSchedule(text);
    return isProblem(schedule) ? [] : [[text, schedule] as const];
  });
};

test.each([
  ["UTC", 400],
  ["Asia/Tokyo", 50],
])("systemd runs random schedules as croner does, in %s", async (timezone, count) => {
  const since = Date.UTC(2026, 0, 15, 12, 0, 30);
  const schedules = randomSchedules(7, count);
  const events = schedules.map(([, schedule]) => toOnCalendar(schedule, timezone));
  const runs = await systemdRuns(events.flat(), "2026-01-15 12:00:30 UTC");
  for (const [index, [text, schedule]] of schedules.entries()) {
    const own = runs.splice(0, events[index]?.length);
    const merged = [...new Set(own.flat())].sort((a, b) => a - b).slice(0, RUNS);
    expect([text, merged]).toEqual([text, await nextRuns(schedule, timezone, since, RUNS)]);
  }
  expect(runs).toEqual([]);
});

test("systemd skips the missing hour of a change of clocks, and uses the repeated hour once", async () => {
  const schedule = parseSchedule("30 2 * * *") as Schedule;
  const events = toOnCalendar(schedule, "Europe/Berlin");
  const days = async (since: string) =>
    ((await systemdRuns(events, since))[0] ?? []).slice(0, 2).map((time) => new Date(time).toISOString().slice(0, 16));
  expect(await days("2026-03-28 12:00:00 UTC")).toEqual(["2026-03-30T00:30", "2026-03-31T00:30"]);
  expect(await days("2026-10-24 12:00:00 UTC")).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
});

test("systemd accepts the units, with special characters in paths", async () => {
  await install("systemd-analyze");
  await using place = await folder();
  const odd = join(place.path, "od d %h $HOME ; é");
  await mkdir(odd);
  const program = join(odd, "oneoff");
  await writeFile(program, "#!/bin/sh\n");
  await chmod(program, 0o755);
  const tasks = parseAppJson(
    Buffer.from(
      JSON.stringify({
        cron: ["allow", "forbid", "replace"].map((policy) => ({
          ...{ command: policy, schedule: "*/7 3 13 * fri", timezone: "Europe/Berlin", concurrency_policy: policy },
        })),
      }),
    ),
  ).cron;
  const launch = { argv: [program, "cron:run", `--config=${odd}/oneoff.yaml`], env: [["HOME", odd]] as const };
  const files = [...unitFiles("my.app", tasks, launch, false)];
  for (const [name, text] of files) await writeFile(join(place.path, name), text);
  const paths = files.map(([name]) => join(place.path, name));
  const { code, stderr } = await run(["systemd-analyze", "verify", "--man=no", ...paths]);
  expect([code, stderr.toString()]).toEqual([0, ""]);
});

/** A process that enters a namespace starts in its root. */
const IN_FOLDER = ["sh", "-c", 'cd "$0" && exec "$@"'];

/** A mount namespace with the folders of cron for itself, in which the real cron runs in the foreground. */
async function realCron(cwd: string) {
  await install("cron", "crontab", "unshare");
  const place = await folder({ "etc/crontab": "", "etc/cron.d/.placeholder": "" });
  const { path } = place;
  const mounts = [
    `mkdir -p ${path}/spool/crontabs && chmod 1730 ${path}/spool/crontabs && touch ${path}/crond.pid`,
    `mount --bind ${path}/spool /var/spool/cron`,
    `mount --bind ${path}/etc/crontab /etc/crontab && mount --bind ${path}/etc/cron.d /etc/cron.d`,
    "mount -t tmpfs none /run",
  ];
  const space = await start(["unshare", "--mount", "sh", "-c", `${mounts.join(" && ")} && echo ready && cat`], {
    stdin: "pipe",
    timeout: 300_000,
  });
  await eventually(() => expect(space.stdout.toString()).toBe("ready\n"));
  const inside = (...argv: string[]) => [
    "nsenter",
    "--mount",
    "--target",
    String(space.pid),
    ...IN_FOLDER,
    cwd,
    ...argv,
  ];
  return {
    inside,
    /** The daemon, until disposed of. */
    cron: async () => await start(inside("cron", "-f", "-L", "15"), { timeout: 300_000 }),
    async [Symbol.asyncDispose]() {
      await space[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

const EACH_MINUTE = { command: "sh -c 'echo out; exit 3'", schedule: "* * * * *" };

test("cron runs an installed task each minute, and keeps other lines", {
  tags: ["full"],
  timeout: 240_000,
}, async () => {
  const yaml = `run: {timeout: 1h}\ncron:\n- ${JSON.stringify(EACH_MINUTE)}\n- {command: "true", schedule: "@yearly"}\n`;
  await using here = await deployPlace(host, { yaml });
  await using cron = await realCron(here.source);
  await here.deployed();
  const id = taskId(here.app, EACH_MINUTE);
  const { env } = here.settings;
  const oneoff = (...args: string[]) => run(cron.inside(BINARY, ...args), { env });
  const crontab = async (...args: string[]) => (await run(cron.inside("crontab", ...args))).stdout.toString();
  const foreign = "# mine\n0 0 1 1 * true # 100\\%\n";
  await run(cron.inside("crontab", "-"), { stdin: foreign });

  for (const _ of ["install", "install again"]) {
    const { code, stderr } = await oneoff("cron:install", "--crontab", here.app);
    expect([code, stderr.toString()]).toEqual([0, `Installed 2 schedules of ${here.app} (crontab)\n`]);
  }
  const lines = (await crontab("-l")).slice(foreign.length).trim().split("\n");
  expect(await crontab("-l")).toMatch(new RegExp(`^${foreign.replaceAll(/[*\\]/g, "\\$&")}# BEGIN`));
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(new RegExp(`^\\* \\* \\* \\* \\* cd / && .*${BINARY} cron:run .* ${here.app} ${id}$`));
  expect(lines.join("\n")).not.toContain("echo out");

  const started = Date.now();
  await using _daemon = await cron.cron();
  const readLastRun = async () => {
    const { stdout } = await oneoff("cron", "--format", "json", here.app);
    const [{ lastRun }] = JSON.parse(stdout.toString());
    expect(lastRun?.finishedAt).toBeTruthy();
    return lastRun;
  };
  const lastRun = await vi.waitFor(readLastRun, { timeout: 120_000, interval: 1000 });
  expect(lastRun).toMatchObject({ state: "crashed", exitCode: 3 });
  // Neither the minute before the start of cron nor the current one is made up for.
  const at = Date.parse(lastRun.startedAt);
  expect(at).toBeGreaterThan(started);
  expect(at % 60_000).toBeLessThan(20_000);

  const removed = await oneoff("cron:remove", here.app);
  expect(removed.stderr.toString()).toBe(`Removed the schedules of ${here.app} (crontab)\n`);
  expect(await crontab("-l")).toBe(foreign);
});

test("a deploy reports schedules that are out of date, or installs them", async () => {
  const task = (schedule: string) => `{command: "true", schedule: "${schedule}"}`;
  await using here = await deployPlace(host, { yaml: `cron: [${task("@daily")}]\n` });
  await using cron = await realCron(here.source);
  const { env } = here.settings;
  const oneoff = async (...args: string[]) =>
    (await run(cron.inside(BINARY, ...args), { env, timeout: 110_000 })).stderr.toString();
  const state = (stderr: string) => stderr.match(/^The schedules of .*|^Installed .*/m)?.[0].replace(here.app, "APP");
  expect(state(await oneoff("deploy", here.app))).toBe("The schedules of APP are not installed on this host");
  await oneoff("cron:install", here.app);
  expect(state(await oneoff("deploy", here.app))).toBeUndefined();
  await here.yaml(`cron: [${task("@hourly")}]\n`);
  expect(state(await oneoff("deploy", here.app))).toBe("The schedules of APP are out of date (crontab)");
  await here.yaml(`cron: {install: true, tasks: [${task("@hourly")}]}\n`);
  expect(state(await oneoff("deploy", here.app))).toBe("Installed 1 schedule of APP (crontab)");
  expect(await oneoff("destroy", "--yes", here.app)).toContain(`oneoff cron:remove ${here.app}`);
});

test("an unreadable crontab is not overwritten", async () => {
  await using here = await deployPlace(host, { yaml: 'cron: [{command: "true", schedule: "@daily"}]\n' });
  await using place = await folder({
    "bin/crontab": "#!/bin/sh\nif [ $1 = - ]; then cat >$0.written; fi\necho no; exit 1\n",
  });
  await chmod(join(place.path, "bin/crontab"), 0o755);
  const { cwd, env } = here.settings;
  const path = `${place.path}/bin:${process.env.PATH}`;
  const argv = [BINARY, "cron:install", "--crontab", here.app];
  const { code, stderr } = await run(argv, { cwd, env: { ...env, PATH: path } });
  expect([code, stderr.toString()]).toEqual([1, expect.stringContaining("Cannot read the crontab")]);
  await expect(readFile(join(place.path, "bin/crontab.written"))).rejects.toThrow("ENOENT");
});
