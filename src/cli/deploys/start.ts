import { command } from "../command.ts";
import { appAndRest, startOptions, startProcesses } from "./processes-session.ts";

export const startCommand = command({
  options: startOptions,
  usage: "oneoff start [options] <app>",
  takes: ["app"],
  describe: "Start the processes of what is live that do not run",
  examples: [["oneoff start my-app", "after oneoff ps:stop, or where some have ended"]],
  most: 1,
  handle: (args, words, context) =>
    startProcesses(context, args, appAndRest(args, words, "start", "<app>").name, { keepRunning: true }),
});

export const restartCommand = command({
  options: startOptions,
  usage: "oneoff restart [options] <app>",
  takes: ["app"],
  describe: "Put fresh processes of what is live in the place of those that run, as a deploy does",
  examples: [["oneoff restart my-app", "without a moment in which none serves"]],
  most: 1,
  handle: (args, words, context) =>
    startProcesses(context, args, appAndRest(args, words, "restart", "<app>").name, { keepRunning: false }),
});
