import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { commandHelp, help } from "../../../src/cli/help.ts";
import { parseLightText } from "../../../src/cli/topics/light-text.ts";
import { TOPICS } from "../../../src/cli/topics/topics.ts";

test("shows the command and then the topic where both have one name", async () => {
  const text = await help(["deploy"], 100);
  expect(text).toMatch(
    /^oneoff deploy \[options\][\s\S]*\nExit codes:\n[\s\S]*\nSteps, failures, health checks and releases of a deploy:\n[\s\S]*\nSteps\n/,
  );
  expect(text).not.toContain("More:");
});

test("explains the command where a topic and the first part of a command have one name", async () => {
  expect(await help(["app-json", "set"], 100)).toMatch(/^oneoff app-json:set /);
  expect(await help(["app-json"], 100)).toMatch(/^app\.json declares /);
});

test("shows an app.json that is parsed", () => {
  const [lines] = parseLightText(TOPICS.get("app-json")?.text() ?? "").filter(({ kind }) => kind === "lines");
  const text = lines?.kind === "lines" ? lines.lines.join("\n") : "";
  const { env, formation, healthchecks, scripts } = parseAppJson(Buffer.from(text));
  expect(Object.keys(scripts)).toEqual(["predeploy", "postdeploy", "firstPostdeploy"]);
  expect([env.size, formation.size, healthchecks.size]).toEqual([2, 1, 2]);
});

test.each(Array.from(COMMANDS).flatMap(([name, { topic }]) => (topic ? [[name, topic] as const] : [])))(
  "%s --help names an existing topic",
  async (name, topic) => {
    const command = COMMANDS.get(name);
    expect(command && (await commandHelp(command, 100))).toMatch(new RegExp(`\n\nMore: oneoff help ${topic}\n$`));
    expect([...TOPICS.keys()]).toContain(topic);
  },
);
