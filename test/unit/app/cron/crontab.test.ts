import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { crontabBlock, findBlock, replaceBlock } from "../../../../src/app/cron/crontab.ts";
import { isProblem, parseSchedule } from "../../../../src/app/cron/schedule.ts";
import { randomOf } from "../../../support/random.ts";
import { cronRule, randomSchedule } from "../../../support/random-schedule.ts";

const tasks = (...schedules: string[]) =>
  parseAppJson(Buffer.from(JSON.stringify({ cron: schedules.map((schedule) => ({ command: "true", schedule })) })))
    .cron;
const LAUNCH = { argv: ["/bin/oneoff", "cron:run"], env: [] };
const block = (app: string, ...schedules: string[]) => crontabBlock(app, tasks(...schedules), LAUNCH);

test("replaces and removes the block of an app, and nothing else", () => {
  const [shop, blog, other] = [block("shop", "@daily"), block("blog", "@weekly"), block("shop", "@hourly")];
  const mine = "# mine\n* * * * * echo '# BEGIN oneoff cron:install shop'\n";
  const both = replaceBlock(replaceBlock(mine, "", shop), "", blog);
  expect(both).toBe(mine + shop + blog);
  expect(findBlock(both, "shop")).toBe(shop);
  expect(findBlock(both, "sho")).toBe("");
  const changed = replaceBlock(`${both}# end`, shop, other);
  expect(changed).toBe(`${mine}${other}${blog}# end`);
  expect(replaceBlock(changed, other, "")).toBe(`${mine}${blog}# end`);
  expect(replaceBlock("", "", "")).toBe("");
  expect(replaceBlock("no line feed", "", shop)).toBe(`no line feed\n${shop}`);
});

describe("refuses a block that was edited, because a replacement would remove or repeat lines", () => {
  const shop = block("shop", "@daily");
  const [begin = "", line = "", end = ""] = shop.split("\n");
  const mine = "@daily mine";
  test.each([
    ["without END", [begin, line, mine]],
    ["without BEGIN", [mine, line, end]],
    ["with a foreign line", [begin, line, mine, end]],
    ["with a second BEGIN", [begin, line, mine, begin, line, end]],
    ["twice", [begin, line, end, mine, begin, line, end]],
    ["with END after a foreign command", [begin, line, mine, `${mine} ${end}`]],
    ["around another app", [begin, line, ...block("blog", "@daily").trimEnd().split("\n"), end]],
  ])("%s", (_, lines) => expect(findBlock(lines.map((one) => `${one}\n`).join(""), "shop")).toBeUndefined());

  test("but accepts a suspended line, line feeds of Windows, and no final line feed", () => {
    const edited = `${begin}\r\n\r\n# ${line}\r\n${end}`;
    expect(findBlock(`${mine}\n${edited}`, "shop")).toBe(edited);
    expect(replaceBlock(`${mine}\n${edited}`, edited, shop)).toBe(`${mine}\n${shop}`);
  });
});

test("passes paths and variables unchanged through cron and its shell", () => {
  const odd = "/od d/100%/'q'/$HOME;`x`\\";
  const launch = { argv: ["printf", "%s\\n", odd], env: [["X", odd]] as const };
  const [, line = ""] = crontabBlock("shop", tasks("@daily"), launch).split("\n");
  expect(line).toMatch(/^0 0 \* \* \* cd \/ && /);
  // cron takes a bare % for a line break, and removes the backslash before others.
  expect(line).not.toMatch(/(?<!\\)%/);
  const command = line.replace("0 0 * * * ", "").replaceAll("\\%", "%");
  const shown = spawnSync("sh", ["-c", command.replace(" printf", ` sh -c 'echo "$X"; printf "$@"' sh`)]);
  expect(shown.stdout.toString().split("\n").slice(0, 2)).toEqual([odd, odd]);
});

test("writes fields without names, which mean the same to cron", () => {
  const random = randomOf(3);
  for (let count = 0; count < 300; count += 1) {
    const text = randomSchedule(random);
    if (isProblem(parseSchedule(text))) continue;
    const [, line = ""] = block("shop", text).split("\n");
    const written = line.split(" ").slice(0, 5).join(" ");
    expect(written).not.toMatch(/[a-z]/i);
    const [rule, same] = [cronRule(text), cronRule(written)];
    const days = Array.from({ length: 800 }, (_, day) => new Date(Date.UTC(2026, 0, 1) + day * 26.7 * 3_600_000));
    expect([text, days.map(rule)]).toEqual([text, days.map(same)]);
  }
});
