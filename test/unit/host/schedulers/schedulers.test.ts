import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { crontabBlock } from "../../../../src/app/cron/crontab.ts";
import { unitFiles } from "../../../../src/app/cron/units.ts";
import { hostSchedulers } from "../../../../src/host/schedulers/schedulers.ts";
import { fakeSchedulerPrograms } from "../../../support/fake-scheduler-programs.ts";
import { folder } from "../../../support/folder.ts";

const LAUNCH = { argv: ["/bin/oneoff", "cron:run"], env: [] };
const NONE = new Map<string, string>();

const tasks = (...schedules: string[]) =>
  parseAppJson(Buffer.from(JSON.stringify({ cron: schedules.map((schedule) => ({ command: "true", schedule })) })))
    .cron;
const units = (app: string, ...schedules: string[]) => unitFiles(app, tasks(...schedules), LAUNCH, false);
const lines = (app: string, ...schedules: string[]) =>
  new Map([["crontab", crontabBlock(app, tasks(...schedules), LAUNCH)]]);

async function scene(env: Record<string, string> = {}) {
  const place = await folder();
  const calls: string[] = [];
  const schedulers = hostSchedulers({
    ...{ env: { HOME: place.path, ...env }, exists: () => false, user: () => "me", isRoot: true },
    unitFolder: join(place.path, "system"),
    run: fakeSchedulerPrograms(join(place.path, "crontab"), calls),
    owner: { self: "here:1", isAlive: () => true },
  });
  return {
    ...{ schedulers, calls, path: place.path },
    /** The calls of systemctl since the last time. */
    newCalls: () => calls.splice(0).map((call) => call.replaceAll(/oneoff-(\S+?)-\w{8}(?=\.)/g, "$1")),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

describe("systemd", () => {
  test("writes, replaces and removes the units of an app, and reloads systemd", async () => {
    await using here = await scene();
    const systemd = here.schedulers.open("systemd");
    expect(await systemd.read("shop")).toEqual(NONE);
    await systemd.replace("shop", NONE);
    expect(here.newCalls()).toEqual([]);

    const daily = units("shop", "@daily");
    await systemd.replace("shop", daily);
    expect(await systemd.read("shop")).toEqual(daily);
    expect(here.newCalls()).toEqual(["daemon-reload", "enable --now shop.timer", "restart shop.timer"]);
    const [file = ""] = daily.keys();
    expect(statSync(join(here.path, "system", file)).mode & 0o777).toBe(0o644);

    // The last installation may have failed after the files were written.
    await systemd.replace("shop", daily);
    expect(here.newCalls()).toEqual(["daemon-reload", "enable --now shop.timer"]);

    const hourly = units("shop", "@hourly");
    await systemd.replace("shop", hourly);
    expect(await systemd.read("shop")).toEqual(hourly);
    expect(here.newCalls()).toEqual([
      ...["disable --now shop.timer", "daemon-reload", "enable --now shop.timer", "restart shop.timer"],
    ]);

    await systemd.replace("shop", NONE);
    expect(here.newCalls()).toEqual(["disable --now shop.timer", "daemon-reload"]);
    expect(readdirSync(join(here.path, "system"))).toEqual([]);
  });

  test("touches no unit of another app or of a person", async () => {
    await using here = await scene();
    const systemd = here.schedulers.open("systemd");
    const [shop, other] = [units("shop", "@daily"), units("shop-eu", "@daily")];
    await systemd.replace("shop-eu", other);
    const [name = ""] = shop.keys();
    const foreign = join(here.path, "system", name);
    writeFileSync(foreign, "[Timer]\n");
    here.newCalls();
    await expect(systemd.replace("shop", shop)).rejects.toThrow("oneoff did not write it for shop");
    expect(here.newCalls()).toEqual([]);
    await systemd.replace("shop", NONE);
    expect(readFileSync(foreign, "utf8")).toBe("[Timer]\n");
    expect(await systemd.read("shop-eu")).toEqual(other);
    expect(readdirSync(join(here.path, "system")).sort()).toEqual([name, ...other.keys()].sort());
  });

  test("uses the folder and the service manager of a user", async () => {
    await using here = await scene({ XDG_CONFIG_HOME: "/nowhere" });
    await using home = await scene();
    expect(here.schedulers.open("systemd-user").place("a.timer")).toBe("/nowhere/systemd/user/a.timer");
    await home.schedulers.open("systemd-user").replace("shop", units("shop", "@daily"));
    expect(readdirSync(join(home.path, ".config/systemd/user"))).toHaveLength(2);
    expect(home.newCalls()[0]).toBe("--user daemon-reload");
  });

  test("needs a home for units of a user", async () => {
    await using here = await scene({ HOME: "" });
    const scheduler = here.schedulers.open("systemd-user");
    expect(await scheduler.read("shop")).toEqual(NONE);
    await expect(scheduler.replace("shop", units("shop", "@daily"))).rejects.toThrow("HOME are not set");
  });

  test("reports units that cannot be read or written", async () => {
    await using here = await scene();
    writeFileSync(join(here.path, "system"), "");
    await expect(here.schedulers.open("systemd").read("shop")).rejects.toThrow("part of the path is not a folder");
    const [name = ""] = units("shop", "@daily").keys();
    mkdirSync(join(here.path, ".config/systemd/user", `${name}.new`), { recursive: true });
    const user = here.schedulers.open("systemd-user");
    await expect(user.replace("shop", units("shop", "@daily"))).rejects.toThrow(`Cannot write`);
  });
});

describe("crontab", () => {
  test("keeps all other bytes", async () => {
    await using here = await scene();
    const crontab = here.schedulers.open("crontab");
    const file = join(here.path, "crontab");
    const mine = Buffer.concat([Buffer.from("# é "), Buffer.from([0xff, 0x80]), Buffer.from("\r\n@daily true")]);
    writeFileSync(file, mine);
    await crontab.replace("shop", lines("shop", "@daily", "@hourly"));
    expect(await crontab.read("shop")).toEqual(lines("shop", "@daily", "@hourly"));
    expect(await crontab.read("blog")).toEqual(NONE);
    await crontab.replace("blog", lines("blog", "@daily"));
    await crontab.replace("shop", NONE);
    await crontab.replace("blog", NONE);
    expect(readFileSync(file)).toEqual(Buffer.concat([mine, Buffer.from("\n")]));
  });

  test("loses no block of 20 apps that are installed at the same time", async () => {
    await using here = await scene();
    const apps = Array.from({ length: 20 }, (_, index) => `app-${index}`);
    await Promise.all(apps.map((app) => here.schedulers.open("crontab").replace(app, lines(app, "@daily"))));
    const crontab = here.schedulers.open("crontab");
    for (const app of apps) expect(await crontab.read(app)).toEqual(lines(app, "@daily"));
  });
});
