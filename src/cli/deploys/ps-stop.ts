import { listRunning } from "../../deploy/rollout/running-processes.ts";
import { stopProcesses } from "../../deploy/rollout/stop-processes.ts";
import { stopServices } from "../../deploy/swarm/stop-services.ts";
import { oneoffsAreStopped } from "../../errors/processes.ts";
import { oneoffName } from "../../identity/names.ts";
import { requireOwnApp } from "../../oneoff/apps/deployer-of.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { command } from "../command.ts";
import { appAndRest, processesOptions, withProcesses } from "./processes-session.ts";

export const psStopCommand = command({
  options: processesOptions,
  usage: "oneoff ps:stop [options] <app> [type…]",
  completions: ["app", "type"],
  describe: "Stop the processes of an app (one-offs: see stop)",
  examples: [
    ["oneoff ps:stop my-app", "all processes, until oneoff start my-app"],
    ["oneoff ps:stop my-app worker", "processes of one type"],
  ],
  async handle(flags, args, context) {
    // Other tools have one command for processes and one-offs.
    if (args.some(oneoffName)) throw oneoffsAreStopped(args, flags.app);
    const { name, rest } = appAndRest(flags, args, "ps:stop", "<app> [type…]");
    await withProcesses(context, flags, name, {
      async onEngine(session) {
        if ((await listRunning(session.engine, name)).length === 0) {
          await requireOwnApp(session.engine, name, await findManifest(undefined, context), "ps:stop");
        }
        await stopProcesses(session, name, rest);
      },
      inSwarm: (session, { services }) => stopServices(session, name, services, rest),
    });
    return 0;
  },
});
