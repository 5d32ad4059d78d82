import { expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { commandHelp, help } from "../../../src/cli/help.ts";
import { TOPICS } from "../../../src/cli/topics/topics.ts";

test("where a command and a topic have one name, both are read", async () => {
  const text = await help(["deploy"], 100);
  expect(text).toMatch(
    /^oneoff deploy \[options\][\s\S]*\nExit codes:\n[\s\S]*\nWhat a deploy does, [\s\S]*\nThe steps, /,
  );
  expect(text).not.toContain("More:");
});

test.each(Array.from(COMMANDS).flatMap(([name, { topic }]) => (topic ? [[name, topic] as const] : [])))(
  "%s --help names the topic that there is",
  async (name, topic) => {
    const command = COMMANDS.get(name);
    expect(command && (await commandHelp(command, 100))).toMatch(new RegExp(`\n\nMore: oneoff help ${topic}\n$`));
    expect([...TOPICS.keys()]).toContain(topic);
  },
);
