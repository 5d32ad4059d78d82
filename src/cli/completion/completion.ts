import { unknownShell } from "../../errors/cli.ts";
import { command } from "../command.ts";
import { commonOptions } from "../common-options.ts";
import { bashScript, fishScript, zshScript } from "./scripts.ts";

const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

const SHELLS = [...SCRIPTS.keys()];

export const completionCommand = command({
  options: { help: commonOptions.help },
  usage: "oneoff completion <bash|zsh|fish>",
  completions: [SHELLS],
  describe: "Generate the completion script for bash, zsh or fish",
  examples: [
    ['eval "$(oneoff completion bash)"', "in ~/.bashrc; likewise for zsh in ~/.zshrc"],
    ["oneoff completion fish | source", "in ~/.config/fish/config.fish"],
  ],
  most: 1,
  async handle(_flags, [shell], { terminal }) {
    const script = SCRIPTS.get(shell ?? "");
    if (script === undefined) throw unknownShell(shell, SHELLS);
    terminal.stdout.write(script);
    return 0;
  },
});
