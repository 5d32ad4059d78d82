import { DEFAULT_SIZES } from "../../app/sizes.ts";
import type { Arguments, Options } from "../command.ts";
import { appOption, commonOptions, configOption } from "../common-options.ts";
import { PHASES } from "./phase-words.ts";

/** The options of `run`, for whoever tells them from the command's, parses them, and explains them. */
export const runOptions = {
  ...appOption,
  image: { type: "string", takes: "image", describe: "Run in this image; the app is then only a name", group: "App:" },
  ...configOption,
  phase: { type: "string", takes: PHASES, describe: "Run the command of this phase of a deploy", group: "App:" },
  pull: {
    type: "string",
    takes: ["missing", "always", "never"],
    optional: true,
    describe: "Pull the image when it is missing (=always: in any case)",
    group: "App:",
  },
  env: {
    type: "string",
    takes: "variable",
    alias: "e",
    many: true,
    describe: "Set KEY=VALUE, or take KEY from our environment",
    group: "Process:",
  },
  "env-file": {
    type: "string",
    takes: "file",
    many: true,
    describe: "Set what a file of KEY=VALUE lines says",
    group: "Process:",
  },
  user: { type: "string", alias: "u", describe: "Run as this user[:group]", group: "Process:" },
  workdir: { type: "string", alias: "w", describe: "Start in this folder", group: "Process:" },
  entrypoint: { type: "string", describe: "Replace the image's ENTRYPOINT (empty: have none)", group: "Process:" },
  init: { type: "boolean", describe: "Reap zombies and pass signals on (the default)", group: "Process:" },
  "no-init": { type: "boolean", describe: "Make the command process 1", group: "Process:" },
  tty: { type: "boolean", alias: "t", describe: "Give the command a terminal", group: "Terminal:" },
  "no-tty": { type: "boolean", alias: "T", describe: "Give it none, even when we have one", group: "Terminal:" },
  "detach-keys": {
    type: "string",
    describe: "Leave a terminal session by these keys [ctrl-p,ctrl-q]",
    group: "Terminal:",
  },
  detach: { type: "boolean", alias: "d", describe: "Print the container's id and return at once", group: "Container:" },
  file: {
    type: "string",
    takes: "file",
    many: true,
    describe: "Upload SOURCE[:TARGET] before the start, to /tmp/uploads (-: stdin)",
    group: "Files:",
  },
  secret: {
    type: "string",
    takes: "variable",
    many: true,
    describe: "Make NAME=@FILE, or NAME of our environment, /run/secrets/NAME",
    group: "Files:",
  },
  fetch: { type: "string", many: true, describe: "Bring /SOURCE[:TARGET] here after the end", group: "Files:" },
  force: { type: "boolean", describe: "Let what is fetched overwrite files", group: "Files:" },
  tail: { type: "boolean", describe: "Follow a detached one; ^C then leaves it running", group: "Container:" },
  retain: {
    type: "string",
    describe: "Keep a detached one this long after its end, with log and exit code [24h]",
    group: "Container:",
  },
  "on-disconnect": {
    type: "string",
    takes: ["stop", "keep", "hup"],
    describe: "When our terminal has gone: stop (the default), keep, or hup",
    group: "Terminal:",
  },
  lock: { type: "string", describe: "Run only one at a time of all that have this key", group: "Container:" },
  "on-conflict": {
    type: "string",
    takes: ["fail", "wait", "skip", "replace"],
    describe: "When another has the lock: fail (the default), wait, skip, or replace",
    group: "Container:",
  },
  name: { type: "string", describe: "Name the container", group: "Container:" },
  label: { type: "string", alias: "l", many: true, describe: "Label the container KEY=VALUE", group: "Container:" },
  network: { type: "string", takes: "network", describe: "Join this network", group: "Container:" },
  volume: {
    type: "string",
    takes: "folder",
    alias: "v",
    many: true,
    describe: "Mount SOURCE:TARGET[:ro]",
    group: "Container:",
  },
  mount: { type: "string", many: true, describe: "Mount type=bind,source=…,target=…[,readonly]", group: "Container:" },
  memory: { type: "string", alias: "m", describe: "Limit memory, as in 512m", group: "Container:" },
  cpus: { type: "string", describe: "Limit processors, as in 1.5", group: "Container:" },
  size: {
    type: "string",
    takes: [...DEFAULT_SIZES.keys()],
    describe: "Limit memory to a size: S, M, L, XL, or one of the app's",
    group: "Container:",
  },
  timeout: {
    type: "string",
    describe: "Stop it after this time, as in 10m, with exit code 124 [detached: 24h]",
    group: "Process:",
  },
  "pids-limit": { type: "string", describe: "Limit processes and threads", group: "Container:" },
  print: {
    type: "string",
    takes: ["docker"],
    optional: true,
    describe: "Show what the engine would be told, and do nothing (=docker: as docker run)",
    group: "Other:",
  },
  quiet: { type: "boolean", alias: "q", describe: "Say nothing but errors", group: "Other:" },
  ...commonOptions,
} as const satisfies Options;

export type RunArguments = Arguments<typeof runOptions>;
