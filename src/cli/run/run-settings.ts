import { resolve } from "node:path";
import { type Env, mergeEnv, parseEnvFile, parseEnvFlag } from "../../app/env.ts";
import { type ManifestMount, targetOf } from "../../app/manifest/manifest-mounts.ts";
import { parseMount, parseVolume } from "../../app/mounts.ts";
import { parseFetch, parseSecret, parseUpload, type Secret, type Upload } from "../../app/transfer.ts";
import { parseBytes, parseCount, parseDuration, parseNanoCpus } from "../../app/units.ts";
import { splitWords } from "../../app/words.ts";
import { needsDetach, needsLock, noValue } from "../../errors/cli.ts";
import { contradiction } from "../../errors/error.ts";
import { unreadable, uploadNeedsColon } from "../../errors/files.ts";
import { badLink } from "../../errors/oneoff.ts";
import { detachKeysOf } from "../../host/detach-keys.ts";
import { parseLabel } from "../../oneoff/spec/label-option.ts";
import type { OnConflict, OnDisconnect, RunOptions } from "../../oneoff/spec/options.ts";
import { choice } from "../choice.ts";
import type { Context } from "../context.ts";
import type { PrintFormat } from "./print.ts";
import type { RunArguments } from "./run-options.ts";

/** Everything else `run` is told, once it is checked. */
export interface RunSettings {
  readonly options: RunOptions;
  readonly files: readonly Upload[];
  readonly secrets: readonly Secret[];
  readonly pull: "never" | "missing" | "always";
  /** In which form to show what the engine would be told, in place of telling it. */
  readonly print: PrintFormat | undefined;
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
  for (const option of ["image", "config", "lock"] as const) {
    if (args[option] === "") throw noValue(`--${option}`, "run");
  }
  for (const option of ["tail", "retain"] as const) {
    if (args[option] !== undefined && !args.detach) throw needsDetach(`--${option}`);
  }
  if (args.detach && args.fetch) throw contradiction("--detach", "--fetch");
  if (args["on-conflict"] !== undefined && args.lock === undefined) throw needsLock();
  const fileEnv = readEnvFiles(args, context);
  // A value of a file stays, as with docker.
  const unset = toUnset(args, context).filter((name) => !fileEnv.has(name));
  const init = args["no-init"] ? false : args.init;
  const tty = args["no-tty"] ? false : args.tty;
  return {
    files: args.file?.map((file) => toUpload(file, context)) ?? [],
    secrets: args.secret?.map(parseSecret) ?? [],
    pull: toPull(args.pull),
    print: toPrint(args.print),
    detachKeys: detachKeysOf(args, context),
    options: {
      words,
      env: mergeEnv(fileEnv, toFlagEnv(args, context)),
      ...(unset.length > 0 && { unset }),
      labels: new Map(args.label?.map(parseLabel)),
      detach: args.detach ?? false,
      ...toMounts(args.given ?? [], context.cwd),
      ...(init !== undefined && { init }),
      ...(args.size && { size: args.size }),
      ...(args.timeout !== undefined && { timeout: parseDuration(args.timeout, "--timeout") }),
      ...(args.fetch && { fetches: args.fetch.map(parseFetch), force: args.force ?? false }),
      ...(args.retain !== undefined && { retain: args.retain === "0" ? 0 : parseDuration(args.retain, "--retain") }),
      ...(args.lock !== undefined && {
        lock: {
          key: args.lock,
          onConflict: choice("--on-conflict", args["on-conflict"] ?? "fail", ON_CONFLICT, "run"),
        },
      }),
      ...(args["on-disconnect"] !== undefined && {
        onDisconnect: choice("--on-disconnect", args["on-disconnect"], ON_DISCONNECT, "run"),
      }),
      ...(tty !== undefined && { tty }),
      ...(args.workdir && { workdir: args.workdir }),
      ...(args.user && { user: args.user }),
      ...(args.entrypoint !== undefined && { entrypoint: toEntrypoint(args.entrypoint) }),
      ...(args.name && { name: args.name }),
      ...toNetworks(args.network ?? []),
      ...(args.link && { links: args.link.map(parseLink) }),
      ...(args.memory !== undefined && { memory: parseBytes(args.memory, "--memory") }),
      ...(args["pids-limit"] !== undefined && { pidsLimit: parseCount(args["pids-limit"], "--pids-limit") }),
      ...(args.cpus !== undefined && { nanoCpus: parseNanoCpus(args.cpus, "--cpus") }),
    },
  };
}

function toUpload(text: string, { cwd, exists }: Pick<Context, "cwd" | "exists">): Upload {
  const upload = parseUpload(text, cwd);
  const { source } = upload;
  if (source !== text && source !== "-" && !exists(resolve(cwd, source)) && exists(resolve(cwd, text))) {
    throw uploadNeedsColon(text);
  }
  return upload;
}

const toPull = (pull: RunArguments["pull"]): RunSettings["pull"] =>
  pull === undefined
    ? "never"
    : pull === ""
      ? "missing"
      : choice("--pull", pull, ["missing", "always", "never"], "run");

const toPrint = (print: RunArguments["print"]): RunSettings["print"] =>
  print === undefined ? undefined : choice("--print", print || "json", ["json", "docker"], "run");

const ON_CONFLICT: readonly OnConflict[] = ["fail", "wait", "skip", "replace"];
const ON_DISCONNECT: readonly OnDisconnect[] = ["stop", "keep", "hup"];

/** Of several mounts of one target, with whichever option, the last one takes precedence. */
function toMounts(given: readonly string[], cwd: string): Pick<RunOptions, "binds" | "mounts"> {
  const found = given.flatMap((option): ManifestMount[] => {
    const [, name, value = ""] = /^--(volume|mount)=([\s\S]*)$/.exec(option) ?? [];
    if (name === undefined) return [];
    return [name === "mount" ? { mount: parseMount(value, cwd) } : { bind: parseVolume(value, cwd) }];
  });
  const last = [...new Map(found.map((one) => [targetOf(one), one])).values()];
  return {
    binds: last.flatMap((one) => ("bind" in one ? one.bind : [])),
    mounts: last.flatMap((one) => ("mount" in one ? one.mount : [])),
  };
}

function toNetworks(given: readonly string[]): Pick<RunOptions, "networks"> {
  const networks = [...new Set(given)].filter((network) => network !== "");
  const alone = networks.find((network) => /^(?:host|none|container:.*)$/.test(network));
  const other = networks.find((network) => network !== alone);
  if (alone !== undefined && other !== undefined) throw contradiction(`--network ${alone}`, `--network ${other}`);
  return networks.length > 0 ? { networks } : {};
}

/** `CONTAINER[:ALIAS]` */
function parseLink(text: string): string {
  if (!/^[^:]+(?::[^:]+)?$/.test(text)) throw badLink(text);
  return text;
}

/** The names that `--env` gives alone and that are not set here: those the command is not to have at all. */
export const toUnset = (args: Pick<RunArguments, "env">, { env }: Pick<Context, "env">): string[] =>
  lastFlags(args, env).flatMap(([name, pair]) => (pair ? [] : [name]));

const lastFlags = ({ env: flags = [] }: Pick<RunArguments, "env">, env: Context["env"]) => [
  ...new Map(flags.map((flag) => [flag.split("=", 1)[0] ?? "", parseEnvFlag(flag, env)])),
];

/** Files first, in their order: what is on the command line is nearer. */
export const toEnv = (args: Pick<RunArguments, "env" | "env-file">, context: Context): Env =>
  mergeEnv(readEnvFiles(args, context), toFlagEnv(args, context));

function readEnvFiles(args: Pick<RunArguments, "env-file">, { env, readFile }: Context): Env {
  const files = (args["env-file"] ?? []).map((file) => {
    let bytes: Uint8Array;
    try {
      bytes = readFile(file, { allowPipe: true });
    } catch (error) {
      throw unreadable("--env-file", file, error);
    }
    return parseEnvFile(bytes, file, env);
  });
  return mergeEnv(...files);
}

/** The last of several flags for a name counts. */
const toFlagEnv = (args: Pick<RunArguments, "env">, { env }: Pick<Context, "env">): Env =>
  new Map(lastFlags(args, env).flatMap(([, pair]) => (pair ? [pair] : [])));

/** The engine takes a single empty word for "none". */
const toEntrypoint = (text: string) => (text === "" ? [""] : (splitWords(text) ?? [text]));
