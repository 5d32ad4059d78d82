import { DEFAULT_SIZES } from "../../app/sizes.ts";
import { PHASES } from "../../deploy/step-names.ts";
import type { Flags, Options } from "../command.ts";
import { appOption, commonOptions, configOption } from "../common-options.ts";
import { byName, CONTAINER, containerOptions } from "./container-options.ts";
import { swarmOptions } from "./swarm-options.ts";

const FILES = "File options:";
const DETACH = "Detach options:";
const LOCKS = "Lock options:";

const containerGroup = byName({
  cpus: { type: "string", placeholder: "NUMBER", describe: "Limit the CPUs, e.g. 1.5", group: CONTAINER },
  entrypoint: {
    type: "string",
    placeholder: "COMMAND",
    describe: "Replace the ENTRYPOINT (empty: none)",
    group: CONTAINER,
  },
  init: { type: "boolean", describe: "Run an init process as PID 1 (default)", group: CONTAINER },
  "no-init": { type: "boolean", describe: "Run the command as PID 1", group: CONTAINER },
  label: {
    type: "string",
    placeholder: "KEY=VALUE",
    alias: "l",
    many: true,
    describe: "Set a label",
    group: CONTAINER,
  },
  link: {
    type: "string",
    placeholder: "NAME[:ALIAS]",
    many: true,
    describe: "Link to another container",
    group: CONTAINER,
  },
  memory: {
    type: "string",
    placeholder: "SIZE",
    alias: "m",
    describe: "Limit the memory, e.g. 512m",
    group: CONTAINER,
  },
  mount: {
    type: "string",
    placeholder: "MOUNT",
    many: true,
    describe: "Attach a mount: type=bind,source=…,target=…",
    group: CONTAINER,
  },
  name: { type: "string", placeholder: "NAME", describe: "Name the container", group: CONTAINER },
  network: {
    type: "string",
    placeholder: "NETWORK",
    completion: "network",
    many: true,
    describe: "Connect to a network",
    group: CONTAINER,
  },
  "pids-limit": {
    type: "string",
    placeholder: "NUMBER",
    describe: "Limit the processes and threads",
    group: CONTAINER,
  },
  "service-ports": { type: "boolean", alias: "P", describe: "Publish the ports of the app", group: CONTAINER },
  size: {
    type: "string",
    placeholder: "SIZE",
    completion: [...DEFAULT_SIZES.keys()],
    describe: "Limit the memory by a size: S, M, L, XL",
    group: CONTAINER,
  },
  volume: {
    type: "string",
    placeholder: "SOURCE:TARGET[:ro]",
    completion: "folder",
    alias: "v",
    many: true,
    describe: "Mount a folder or a volume",
    group: CONTAINER,
  },
  ...containerOptions,
} as const satisfies Options);

/** The options of `run`, for parsing and for help. */
export const runOptions = {
  ...appOption,
  ...configOption,
  build: { type: "boolean", describe: "Build the image of a Compose service first" },
  detach: { type: "boolean", alias: "d", describe: "Run in the background and print the container ID" },
  env: {
    type: "string",
    placeholder: "NAME[=VALUE]",
    completion: "variable",
    alias: "e",
    many: true,
    describe: "Set an environment variable (NAME alone: copy it)",
  },
  "env-file": {
    type: "string",
    placeholder: "FILE",
    completion: "file",
    many: true,
    describe: "Read environment variables from a file",
  },
  image: {
    type: "string",
    placeholder: "IMAGE",
    completion: "image",
    describe: "Run this image instead of the image of the app",
  },
  phase: { type: "string", placeholder: "PHASE", completion: PHASES, describe: "Run the command of a deploy phase" },
  print: {
    type: "string",
    placeholder: "FORMAT",
    completion: ["docker"],
    optional: true,
    describe: "Print the create request without running it (=docker: as docker run)",
  },
  pull: {
    type: "string",
    placeholder: "WHEN",
    completion: ["missing", "always", "never"],
    optional: true,
    describe: "Pull the image if missing (=always: in any case)",
  },
  quiet: { type: "boolean", alias: "q", describe: "Print errors only" },
  timeout: {
    type: "string",
    placeholder: "DURATION",
    describe: "Stop the command after this time, e.g. 10m (default none; 24h with --detach)",
  },
  tty: { type: "boolean", alias: "t", describe: "Allocate a TTY" },
  "no-tty": { type: "boolean", alias: "T", describe: "Do not allocate a TTY" },
  user: { type: "string", placeholder: "USER[:GROUP]", alias: "u", describe: "Run as this user" },
  workdir: { type: "string", placeholder: "DIR", alias: "w", describe: "Set the working directory" },
  "detach-keys": {
    type: "string",
    placeholder: "KEYS",
    describe: "Keys that detach (default ctrl-p,ctrl-q)",
    group: DETACH,
  },
  "on-disconnect": {
    type: "string",
    placeholder: "ACTION",
    completion: ["stop", "keep", "hup"],
    describe: "If the terminal is closed: stop, keep or hup (default stop)",
    group: DETACH,
  },
  retain: {
    type: "string",
    placeholder: "DURATION",
    describe: "Keep the log and the exit code (default 24h)",
    group: DETACH,
  },
  tail: { type: "boolean", describe: "Follow the output; Ctrl-C leaves it running", group: DETACH },
  lock: { type: "string", placeholder: "KEY", describe: "Run only one command with this key at a time", group: LOCKS },
  "on-conflict": {
    type: "string",
    placeholder: "ACTION",
    completion: ["fail", "wait", "skip", "replace"],
    describe: "If the lock is held: fail, wait, skip or replace (default fail)",
    group: LOCKS,
  },
  fetch: {
    type: "string",
    placeholder: "SOURCE[:TARGET]",
    many: true,
    describe: "Download a file or folder when it has exited",
    group: FILES,
  },
  file: {
    type: "string",
    placeholder: "SOURCE[:TARGET]",
    completion: "file",
    many: true,
    describe: "Upload a file or folder (default to /tmp/uploads)",
    group: FILES,
  },
  force: { type: "boolean", describe: "Let --fetch overwrite files", group: FILES },
  secret: {
    type: "string",
    placeholder: "NAME[=@FILE]",
    completion: "variable",
    many: true,
    describe: "Mount a variable or a file as /run/secrets/NAME",
    group: FILES,
  },
  ...swarmOptions,
  ...containerGroup,
  ...commonOptions,
} as const satisfies Options;

export type RunFlags = Flags<typeof runOptions>;
