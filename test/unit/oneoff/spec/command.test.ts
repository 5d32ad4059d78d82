import { chmod } from "node:fs/promises";
import { expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { resolveCommand } from "../../../../src/oneoff/spec/command.ts";
import { folder } from "../../../support/folder.ts";
import { run } from "../../../support/process.ts";

const app: App = {
  name: "my-app",
  from: "--image",
  image: "i",
  env: new Map(),
  procfile: new Map([
    ["web", "bundle exec puma"],
    ["migrate", "cd /srv && rake $TASK"],
    ["ls", "exec true"],
  ]),
  settings: {},
};
const argv = (...words: string[]) => resolveCommand(app, words).argv;

test.each<[string, string[], string[]]>([
  [
    "several words are the words",
    ["rake", "db:migrate", "a b", "$HOME", ""],
    ["rake", "db:migrate", "a b", "$HOME", ""],
  ],
  ["one bare word is a program", ["true"], ["true"]],
  ["one word with white space is for a shell", ["ls -l"], ["sh", "-c", "ls -l"]],
  ["one word with shell syntax is for a shell", ["ls|wc"], ["sh", "-c", "ls|wc"]],
  ["two words are not, whatever they hold", ["ls -l", "| wc"], ["ls -l", "| wc"]],
  ["one empty word is that", [""], [""]],
  ["a process type is its command", ["web"], ["bundle", "exec", "puma"]],
  ["further words come after it", ["web", "-p", "a b"], ["bundle", "exec", "puma", "-p", "a b"]],
  [
    "further words reach a command with shell syntax",
    ["migrate", "a b"],
    ["sh", "-c", 'cd /srv && rake $TASK "$@"', "sh", "a b"],
  ],
  ["a process type wins over a program of its name", ["ls"], ["sh", "-c", "exec true"]],
  ["the second word is no process type", ["echo", "web"], ["echo", "web"]],
])("%s", (_what, words, expected) => expect(argv(...words)).toEqual(expected));

test("the process type is told, when the command came from one", () => {
  expect(resolveCommand(app, ["web", "x"]).processType).toBe("web");
  expect(resolveCommand(app, ["rake"]).processType).toBeUndefined();
});

test.each<[string, string[], string[]]>([
  ["the words as they were typed", ["rake", "db:migrate", "a b"], ["rake", "db:migrate", "a b"]],
  ["the line that a shell is given", ["ls -l | wc"], ["ls -l | wc"]],
  ["a process type's line, and what was added to it", ["migrate", "a b"], ["cd /srv && rake $TASK 'a b'"]],
  ["a process type's line as the Procfile has it", ["web"], ["bundle exec puma"]],
  ["bash, without words", [], ["bash"]],
])("shown is %s", (_what, words, shown) => expect(resolveCommand(app, words).shown).toEqual(shown));

test("the app's shell is the one that is opened, given lines, and shown", () => {
  const zsh = { ...app, settings: { shell: "zsh" } };
  expect(resolveCommand(zsh, [])).toEqual({ argv: ["zsh"], shown: ["zsh"] });
  expect(resolveCommand(zsh, ["a && b"])).toEqual({ argv: ["zsh", "-c", "a && b"], shown: ["a && b"] });
});

test("no words open a shell at a terminal, bash where there is one", async () => {
  const { argv, processType } = resolveCommand(app, []);
  expect(processType).toBeUndefined();
  // Scripts that tell which of the two was opened, in an image of these alone.
  await using image = await folder({ bash: "#!/bin/sh\necho bash\n", "alone/sh": "#!/bin/sh\necho sh\n" });
  await Promise.all(["bash", "alone/sh"].map((name) => chmod(`${image.path}/${name}`, 0o755)));
  const opened = async (path: string) => {
    const { stdout } = await run(["/bin/sh", ...argv.slice(1)], { env: { PATH: path } });
    return stdout.toString();
  };
  expect(argv[0]).toBe("sh");
  expect(await opened(image.path)).toBe("bash\n");
  expect(await opened(`${image.path}/alone`)).toBe("sh\n");
});
