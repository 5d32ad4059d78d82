import { launchInside } from "../../app/buildpacks.ts";
import { conflictingOptions } from "../../errors/error.ts";
import { noTarget } from "../../errors/oneoff.ts";
import { detachKeysOf } from "../../host/detach-keys.ts";
import { findRunning } from "../../oneoff/lookup/find-running.ts";
import { runExec } from "../../oneoff/session/exec.ts";
import { chooseStdio } from "../../oneoff/session/tty.ts";
import { resolveCommand } from "../../oneoff/spec/command.ts";
import { command } from "../command.ts";
import { commonOptions, configOption } from "../common-options.ts";
import { runOptions } from "../run/run-options.ts";
import { toEnv, toUnset } from "../run/run-settings.ts";
import { findOnSwarm, taskOptions } from "./find-on-swarm.ts";

const { env, "env-file": envFile, user, workdir, tty, "no-tty": noTty, "detach-keys": detachKeys } = runOptions;

/** An app without a Procfile, which is not known for a running container. */
const BARE = { procfile: new Map(), settings: {} };

export const execCommand = command({
  options: {
    env,
    "env-file": envFile,
    user,
    workdir,
    tty,
    "no-tty": noTty,
    "detach-keys": detachKeys,
    ...taskOptions,
    ...configOption,
    ...commonOptions,
  },
  runsCommand: true,
  usage: "oneoff exec [options] <run.N|app[.type]> [command…]",
  completions: ["running", "file"],
  describe: "Run a command in a running container",
  examples: [
    ["oneoff exec my-app.worker ps ax", "in a process of an app (default type: web)"],
    ["oneoff exec run.7364 bash", "in a one-off"],
    ["oneoff exec shop_web.2 ps ax", "in a task of a Swarm's service, on any node whose engine is known"],
  ],
  async handle(flags, [target, ...rest], context) {
    if (target === undefined) throw noTarget();
    // exec has no ENTRYPOINT that could receive a leading `--`.
    const args = rest[0] === "--" ? rest.slice(1) : rest;
    if (flags.tty && flags["no-tty"]) throw conflictingOptions("--tty", "--no-tty");
    const { terminal } = context;
    const { input, outputIsTerminal } = terminal;
    const asked = { args, detach: false, ...((flags.tty || flags["no-tty"]) && { tty: flags.tty ?? false }) };
    const use = chooseStdio(`exec ${target}`, asked, { input, outputIsTerminal, size: terminal.size() });
    const keys = detachKeysOf(flags, context);
    const given = toEnv(flags, context);
    await using engine = context.openEngine(flags);
    await using located = await findOnSwarm(context, engine, flags, {
      ...{ word: target, command: "exec", choice: flags },
      findLocal: () => findRunning(engine, target, context),
    });
    const { container } = located;
    const { argv } = resolveCommand(BARE, args);
    const session = { engine: located.engine, terminal, detachKeys: keys };
    return await runExec(session, container, {
      ...use,
      argv: launchInside(container.launcher, argv),
      env: given,
      unset: toUnset(flags, context),
      user: flags.user,
      workdir: flags.workdir,
    });
  },
});
