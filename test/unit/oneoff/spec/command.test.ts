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
const argv = (...args: string[]) => resolveCommand(app, args).argv;

test.each<[string, string[], string[]]>([
  ["keeps several arguments", ["rake", "db:migrate", "a b", "$HOME", ""], ["rake", "db:migrate", "a b", "$HOME", ""]],
  ["one bare word is a program", ["true"], ["true"]],
  ["one word with white space is for a shell", ["ls -l"], ["sh", "-c", "ls -l"]],
  ["one word with shell syntax is for a shell", ["ls|wc"], ["sh", "-c", "ls|wc"]],
  ["does not run two arguments in a shell", ["ls -l", "| wc"], ["ls -l", "| wc"]],
  ["keeps one empty argument", [""], [""]],
  ["a process type is its command", ["web"], ["bundle", "exec", "puma"]],
  ["appends arguments to the process type", ["web", "-p", "a b"], ["bundle", "exec", "puma", "-p", "a b"]],
  [
    "passes arguments to a command with shell syntax",
    ["migrate", "a b"],
    ["sh", "-c", 'cd /srv && rake $TASK "$@"', "sh", "a b"],
  ],
  ["a process type takes precedence over a program", ["ls"], ["sh", "-c", "exec true"]],
  ["the second word is no process type", ["echo", "web"], ["echo", "web"]],
])("resolves arguments: %s", (_what, args, expected) => expect(argv(...args)).toEqual(expected));

test("names the process type of a command", () => {
  expect(resolveCommand(app, ["web", "x"]).processType).toBe("web");
  expect(resolveCommand(app, ["rake"]).processType).toBeUndefined();
});

test.each<[string, string[], string[]]>([
  ["the arguments as typed", ["rake", "db:migrate", "a b"], ["rake", "db:migrate", "a b"]],
  ["the line for the shell", ["ls -l | wc"], ["ls -l | wc"]],
  ["a process type's line, and what was added to it", ["migrate", "a b"], ["cd /srv && rake $TASK 'a b'"]],
  ["a process type's line as the Procfile has it", ["web"], ["bundle exec puma"]],
  ["bash without arguments", [], ["bash"]],
])("displays %s", (_what, args, shown) => expect(resolveCommand(app, args).display).toEqual(shown));

test("opens the app's shell, also for lines", () => {
  const zsh = { ...app, settings: { shell: "zsh" } };
  expect(resolveCommand(zsh, [])).toEqual({ argv: ["zsh"], display: ["zsh"] });
  expect(resolveCommand(zsh, ["a && b"])).toEqual({ argv: ["zsh", "-c", "a && b"], display: ["a && b"] });
});

test("opens bash at a terminal if the image has it", async () => {
  const { argv, processType } = resolveCommand(app, []);
  expect(processType).toBeUndefined();
  // Each script prints the name of the shell; the image has only these.
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
