import { deadlinePassed, noOneoff } from "../../errors/oneoff.ts";
import { detachKeysOf } from "../../host/detach-keys.ts";
import { findAttachable } from "../../oneoff/lookup/find-attachable.ts";
import { attachOneoff } from "../../oneoff/session/attach.ts";
import { exceededTimeout } from "../../oneoff/session/wait.ts";
import { command } from "../command.ts";
import { appOfOneoffOption, commonOptions, configOption } from "../common-options.ts";
import { runOptions } from "../run/run-options.ts";
import { findOnSwarm, taskOptions } from "./find-on-swarm.ts";

export const attachCommand = command({
  options: {
    ...appOfOneoffOption,
    "detach-keys": runOptions["detach-keys"],
    quiet: runOptions.quiet,
    ...taskOptions,
    ...configOption,
    ...commonOptions,
  },
  endsAsCommand: true,
  usage: "oneoff attach [options] <run.N|app|app.type.N>",
  completions: ["attachable"],
  describe: "Attach to a one-off or a process of an app",
  examples: [
    ["oneoff attach run.7364", "show its output and return its exit code"],
    ["oneoff attach my-app", "the only running one-off of an app"],
    ["oneoff attach my-app.web.1", "show new output; Ctrl-C leaves it running"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const [word = flags.app] = args;
    if (word === undefined) throw noOneoff("attach");
    const detachKeys = detachKeysOf(flags, context);
    const { terminal } = context;
    await using engine = context.openEngine(flags);
    const app = args.length > 0 ? flags.app : undefined;
    await using located = await findOnSwarm(context, engine, flags, {
      ...{ word, command: "attach", choice: { ...flags, app } },
      findLocal: () => findAttachable(engine, word, app),
    });
    const oneoff = located.container;
    const session = {
      engine: located.engine,
      terminal,
      report: context.report(flags),
      detachKeys,
      journal: context.openJournal(engine),
    };
    const code = await attachOneoff(session, oneoff);
    if (await exceededTimeout(located.engine, oneoff, code)) throw deadlinePassed(oneoff.name);
    return code;
  },
});
