import { command } from "../command.ts";
import { appAndRest, startOptions, startProcesses } from "./processes-session.ts";

export const startCommand = command({
  options: startOptions,
  usage: "oneoff start [options] <app>",
  completions: ["app"],
  describe: "Start the stopped processes of an app",
  examples: [
    ["oneoff start my-app", "after oneoff ps:stop, or if processes have exited"],
    ["oneoff start --health-wait 30s my-app", "healthy after 30 s without an exit"],
  ],
  most: 1,
  handle: (flags, args, context) =>
    startProcesses(context, flags, appAndRest(flags, args, "start", "<app>").name, {
      keepRunning: true,
      command: "start",
    }),
});

export const restartCommand = command({
  options: startOptions,
  usage: "oneoff restart [options] <app>",
  completions: ["app"],
  describe: "Restart the processes of an app with zero downtime",
  examples: [
    ["oneoff restart my-app", "the new processes start before the old ones stop"],
    ["oneoff restart --wait my-app", "after a deploy in progress has finished"],
  ],
  most: 1,
  handle: (flags, args, context) =>
    startProcesses(context, flags, appAndRest(flags, args, "restart", "<app>").name, {
      keepRunning: false,
      command: "restart",
    }),
});
