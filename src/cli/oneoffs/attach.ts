import { deadlinePassed, noOneoff } from "../../errors/oneoff.ts";
import { attachOneoff } from "../../oneoff/attach.ts";
import { findAttachable } from "../../oneoff/find-attachable.ts";
import { isLate } from "../../oneoff/wait.ts";
import { command } from "../command.ts";
import { appOption, commonOptions } from "../common-options.ts";
import { detachKeysOf } from "../local/detach-keys.ts";
import { runOptions } from "../run/run-options.ts";

export const attachCommand = command({
  options: { ...appOption, "detach-keys": runOptions["detach-keys"], quiet: runOptions.quiet, ...commonOptions },
  endsAsCommand: true,
  usage: "oneoff attach [options] <run.N or app.type.N>",
  takes: ["attachable"],
  describe: "Show what a one-off has written, go on live, and exit with its code",
  examples: [
    ["oneoff attach run.7364", "one that was detached, or left by ctrl-p,ctrl-q"],
    ["oneoff attach -a my-app run.7364", "where other apps have one of that name"],
    ["oneoff attach my-app.web.1", "an app's process: what it writes from now on; ^C leaves it running"],
  ],
  most: 1,
  async handle(args, [word], context) {
    if (word === undefined) throw noOneoff("attach");
    const detachKeys = detachKeysOf(args, context);
    const { terminal } = context;
    await using engine = context.openEngine(args);
    const oneoff = await findAttachable(engine, word, args.app);
    const session = {
      engine,
      terminal,
      report: context.report(args),
      detachKeys,
      journal: context.openJournal(engine),
    };
    const code = await attachOneoff(session, oneoff);
    if (await isLate(engine, oneoff, code)) throw deadlinePassed(oneoff.name);
    return code;
  },
});
