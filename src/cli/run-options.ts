import { type Env, mergeEnv, parseEnvFile, parseEnvFlag } from "../app/env.ts";
import { parseMount, parseVolume } from "../app/mounts.ts";
import { parseBytes, parseCount, parseDuration, parseNanoCpus } from "../app/units.ts";
import { splitWords } from "../app/words.ts";
import { badOption, contradiction, noValue, quoted, unreadable } from "../errors.ts";
import { parseLabel } from "../oneoff/labels.ts";
import type { RunOptions } from "../oneoff/options.ts";
import { parseDetachKeys } from "../terminal/detach-keys.ts";
import type { Arguments, Options } from "./command.ts";
import { appOption, commonOptions, configOption } from "./common-options.ts";
import type { Context } from "./context.ts";

/** The options of `run`, for whoever tells them from the command's, parses them, and explains them. */
export const runOptions = {
  ...appOption,
  image: { type: "string", describe: "Run in this image; the app is then only a name", group: "App:" },
  ...configOption,
  pull: {
    type: "string",
    optional: true,
    describe: "Pull the image when it is missing (=always: in any case)",
    group: "App:",
  },
  env: {
    type: "string",
    alias: "e",
    many: true,
    describe: "Set KEY=VALUE, or take KEY from our environment",
    group: "Process:",
  },
  "env-file": { type: "string", many: true, describe: "Set what a file of KEY=VALUE lines says", group: "Process:" },
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
  name: { type: "string", describe: "Name the container", group: "Container:" },
  label: { type: "string", alias: "l", many: true, describe: "Label the container KEY=VALUE", group: "Container:" },
  network: { type: "string", describe: "Join this network", group: "Container:" },
  volume: { type: "string", alias: "v", many: true, describe: "Mount SOURCE:TARGET[:ro]", group: "Container:" },
  mount: { type: "string", many: true, describe: "Mount type=bind,source=…,target=…[,readonly]", group: "Container:" },
  memory: { type: "string", alias: "m", describe: "Limit memory, as in 512m", group: "Container:" },
  cpus: { type: "string", describe: "Limit processors, as in 1.5", group: "Container:" },
  size: { type: "string", describe: "Limit memory to a size: S, M, L, XL, or one of the app's", group: "Container:" },
  timeout: { type: "string", describe: "Stop it after this time, as in 10m, with exit code 124", group: "Process:" },
  "pids-limit": { type: "string", describe: "Limit processes and threads", group: "Container:" },
  print: { type: "boolean", describe: "Show what the engine would be told, and do nothing", group: "Other:" },
  quiet: { type: "boolean", alias: "q", describe: "Say nothing but errors", group: "Other:" },
  ...commonOptions,
} as const satisfies Options;

export type RunArguments = Arguments<typeof runOptions>;

/** Everything else `run` is told, once it is checked. */
export interface RunSettings {
  readonly options: RunOptions;
  readonly pull: "never" | "missing" | "always";
  readonly detachKeys: Buffer;
}

/** @throws OneoffError for the first value that cannot be meant, before anything has happened. */
export function toRunSettings(args: RunArguments, words: readonly string[], context: Context): RunSettings {
  for (const [one, other] of [
    ["tty", "no-tty"],
    ["init", "no-init"],
  ] as const) {
    if (args[one] && args[other]) throw contradiction(`--${one}`, `--${other}`);
  }
  for (const option of ["image", "config"] as const) {
    if (args[option] === "") throw noValue(`--${option}`, "run");
  }
  if (args.detach && args.timeout !== undefined) throw contradiction("--detach", "--timeout");
  const init = args["no-init"] ? false : args.init;
  const tty = args["no-tty"] ? false : args.tty;
  return {
    pull: toPull(args.pull),
    detachKeys: parseDetachKeys(args["detach-keys"] ?? "ctrl-p,ctrl-q"),
    options: {
      words,
      env: toEnv(args, context),
      labels: new Map(args.label?.map(parseLabel)),
      detach: args.detach ?? false,
      binds: args.volume?.map((volume) => parseVolume(volume, context.cwd)) ?? [],
      mounts: args.mount?.map((mount) => parseMount(mount, context.cwd)) ?? [],
      ...(init !== undefined && { init }),
      ...(args.size && { size: args.size }),
      ...(args.timeout !== undefined && { timeout: parseDuration(args.timeout, "--timeout") }),
      ...(tty !== undefined && { tty }),
      ...(args.workdir && { workdir: args.workdir }),
      ...(args.user && { user: args.user }),
      ...(args.entrypoint !== undefined && { entrypoint: toEntrypoint(args.entrypoint) }),
      ...(args.name && { name: args.name }),
      ...(args.network && { network: args.network }),
      ...(args.memory !== undefined && { memory: parseBytes(args.memory, "--memory") }),
      ...(args["pids-limit"] !== undefined && { pidsLimit: parseCount(args["pids-limit"], "--pids-limit") }),
      ...(args.cpus !== undefined && { nanoCpus: parseNanoCpus(args.cpus, "--cpus") }),
    },
  };
}

function toPull(pull: RunArguments["pull"]): RunSettings["pull"] {
  if (pull === undefined) return "never";
  if (pull === "") return "missing";
  if (pull === "always" || pull === "missing" || pull === "never") return pull;
  throw badOption(`--pull: expected missing, always or never, found ${quoted(pull)}`, "run");
}

/** Files first, in their order: what is on the command line is nearer. */
function toEnv(args: RunArguments, { env, readFile }: Context): Env {
  const files = (args["env-file"] ?? []).map((file) => {
    let bytes: Uint8Array;
    try {
      bytes = readFile(file);
    } catch (error) {
      throw unreadable("--env-file", file, error);
    }
    return parseEnvFile(bytes, file, env);
  });
  const flags = (args.env ?? []).flatMap((flag) => [parseEnvFlag(flag, env) ?? []].filter((pair) => pair.length > 0));
  return mergeEnv(...files, new Map(flags as [string, string][]));
}

/** The engine takes a single empty word for "none". */
const toEntrypoint = (text: string) => (text === "" ? [""] : (splitWords(text) ?? [text]));
