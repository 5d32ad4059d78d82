import { command } from "../command.ts";
import { appAndRest, startOptions, startProcesses } from "./processes-session.ts";

export const startCommand = command({
  options: startOptions,
  usage: "oneoff start [options] <app>",
  takes: ["app"],
  describe: "Start the processes of what is live that do not run",
  examples: [
    ["oneoff start my-app", "after oneoff ps:stop, or where some have ended"],
    ["oneoff start --health-wait 30s my-app", "where staying up for longer is to be well"],
  ],
  most: 1,
  handle: (args, words, context) =>
    startProcesses(context, args, appAndRest(args, words, "start", "<app>").name, {
      keepRunning: true,
      command: "start",
    }),
});

export const restartCommand = command({
  options: startOptions,
  usage: "oneoff restart [options] <app>",
  takes: ["app"],
  describe: "Put fresh processes of what is live in the place of those that run, as a deploy does",
  examples: [
    ["oneoff restart my-app", "without a moment in which none serves"],
    ["oneoff restart --wait my-app", "once another deploy of it has ended"],
  ],
  most: 1,
  handle: (args, words, context) =>
    startProcesses(context, args, appAndRest(args, words, "restart", "<app>").name, {
      keepRunning: false,
      command: "restart",
    }),
});
