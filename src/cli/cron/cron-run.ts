import { isAppName } from "../../app/app-name.ts";
import { findTask, taskArgs, taskId } from "../../app/cron/cron-task.ts";
import type { EndpointOptions } from "../../engine/endpoint/endpoint-chain.ts";
import { badAppName } from "../../errors/app.ts";
import { noApp } from "../../errors/cli.ts";
import { noTaskNamed, taskRuns, unknownTask } from "../../errors/cron.ts";
import { cronSeries } from "../../identity/names.ts";
import { command } from "../command.ts";
import { appOption, commonOptions, configOption } from "../common-options.ts";
import type { Context } from "../context.ts";
import { run } from "../run/run.ts";
import { runOptions } from "../run/run-options.ts";
import { readTasks } from "./app-tasks.ts";

const { detach, quiet, timeout } = runOptions;

export const cronRunCommand = command({
  options: {
    ...appOption,
    ...configOption,
    detach,
    quiet,
    timeout: {
      ...timeout,
      describe: "Stop the task after this time, e.g. 10m (default: run.timeout of the app, or 24h)",
    },
    ...commonOptions,
  },
  endsAsCommand: true,
  topic: "cron",
  usage: "oneoff cron:run [options] <app> <id>",
  completions: ["app", "task"],
  describe: "Run a scheduled task now, as its schedule does",
  examples: [["oneoff cron:run my-app k3v9x2qa", "an ID of `oneoff cron my-app`"]],
  most: 2,
  async handle(flags, args, context) {
    const [app, id, more] = flags.app === undefined ? args : [flags.app, ...args];
    if (app === undefined) throw noApp("cron:run", "<app> <id>");
    if (!isAppName(app)) throw badAppName(app);
    if (id === undefined || more !== undefined) throw noTaskNamed(app);
    const task = await findTaskOf(context, flags, app, id);
    const key = taskId(app, task);
    const lock = { key: `cron/${app}/${key}`, refusal: (since: number) => taskRuns(app, key, since) };
    // A scheduler has no terminal, and a task runs in the same way at one.
    const typed = { ...flags, app, "no-tty": true };
    return await run(typed, taskArgs(task), context, "run", {
      series: cronSeries(key),
      ...(task.policy !== "allow" && {
        lock: { ...lock, onConflict: task.policy === "forbid" ? "fail" : "replace" },
      }),
    });
  },
});

async function findTaskOf(
  context: Context,
  flags: EndpointOptions & { readonly config?: string },
  app: string,
  id: string,
) {
  await using engine = context.openEngine(flags);
  const { tasks } = await readTasks(engine, context, { app, config: flags.config, command: "cron:run" });
  const found = findTask(app, tasks, id);
  if (!found) throw unknownTask(app, id);
  return found;
}
