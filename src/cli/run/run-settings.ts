import { resolve } from "node:path";
import { type Env, mergeEnv, parseEnvFile, parseEnvFlag } from "../../app/env.ts";
import { splitWords } from "../../app/shell-words.ts";
import { parseFetch, parseSecret, parseUpload, type Secret, type Upload } from "../../app/transfer.ts";
import { parseBytes, parseCount, parseDuration, parseNanoCpus } from "../../app/units.ts";
import { needsDetach, needsLock, noValue } from "../../errors/cli.ts";
import { conflictingOptions } from "../../errors/error.ts";
import { unreadable, uploadNeedsColon } from "../../errors/files.ts";
import { badLink } from "../../errors/oneoff.ts";
import { detachKeysOf } from "../../host/detach-keys.ts";
import { readProfiles } from "../../oneoff/apps/seccomp-profiles.ts";
import { parseLabel } from "../../oneoff/spec/label-option.ts";
import type { OnConflict, OnDisconnect, RunOptions } from "../../oneoff/spec/options.ts";
import { choice } from "../choice.ts";
import type { Context } from "../context.ts";
import { toContainerSettings } from "./container-options.ts";
import { toMounts } from "./mount-options.ts";
import type { PrintFormat } from "./print.ts";
import type { RunFlags } from "./run-options.ts";

/** Validated settings of `run`. */
export interface RunSettings {
  readonly options: RunOptions;
  readonly files: readonly Upload[];
  readonly secrets: readonly Secret[];
  readonly pull: "never" | "missing" | "always";
  /** The format of `--print`. */
  readonly print: PrintFormat | undefined;
  readonly detachKeys: Buffer;
}

/** @throws OneoffError for the first invalid value, before anything has changed. */
export function toRunSettings(flags: RunFlags, args: readonly string[], context: Context): RunSettings {
  for (const [one, other] of [
    ["tty", "no-tty"],
    ["init", "no-init"],
  ] as const) {
    if (flags[one] && flags[other]) throw conflictingOptions(`--${one}`, `--${other}`);
  }
  for (const option of ["image", "config", "lock"] as const) {
    if (flags[option] === "") throw noValue(`--${option}`, "run");
  }
  for (const option of ["tail", "retain"] as const) {
    if (flags[option] !== undefined && !flags.detach) throw needsDetach(`--${option}`);
  }
  for (const option of ["image", "phase", "print", "config"] as const) {
    if (flags.build && flags[option] !== undefined) throw conflictingOptions("--build", `--${option}`);
  }
  if (flags.anywhere && flags.node !== undefined) throw conflictingOptions("--anywhere", "--node");
  if (flags.detach && flags.fetch) throw conflictingOptions("--detach", "--fetch");
  if (flags["service-ports"] && flags.publish) throw conflictingOptions("--service-ports", "--publish");
  if (flags["on-conflict"] !== undefined && flags.lock === undefined) throw needsLock();
  const fileEnv = readEnvFiles(flags, context);
  // A value from an env file is kept, as in docker.
  const unset = toUnset(flags, context).filter((name) => !fileEnv.has(name));
  const init = flags["no-init"] ? false : flags.init;
  const tty = flags["no-tty"] ? false : flags.tty;
  return {
    files: flags.file?.map((file) => toUpload(file, context)) ?? [],
    secrets: flags.secret?.map(parseSecret) ?? [],
    pull: toPull(flags.pull),
    print: toPrint(flags.print),
    detachKeys: detachKeysOf(flags, context),
    options: {
      args: args,
      env: mergeEnv(fileEnv, toFlagEnv(flags, context)),
      ...(unset.length > 0 && { unset }),
      labels: new Map(flags.label?.map(parseLabel)),
      detach: flags.detach ?? false,
      ...toMounts(flags.given ?? [], context.cwd),
      ...(init !== undefined && { init }),
      ...(flags.size && { size: flags.size }),
      ...(flags.timeout !== undefined && { timeout: parseDuration(flags.timeout, "--timeout") }),
      ...(flags.fetch && { fetches: flags.fetch.map(parseFetch), force: flags.force ?? false }),
      ...(flags.retain !== undefined && { retain: flags.retain === "0" ? 0 : parseDuration(flags.retain, "--retain") }),
      ...(flags.lock !== undefined && {
        lock: {
          key: flags.lock,
          onConflict: choice("--on-conflict", flags["on-conflict"] ?? "fail", ON_CONFLICT, "run"),
        },
      }),
      ...(flags["on-disconnect"] !== undefined && {
        onDisconnect: choice("--on-disconnect", flags["on-disconnect"], ON_DISCONNECT, "run"),
      }),
      ...(tty !== undefined && { tty }),
      ...(flags.workdir && { workdir: flags.workdir }),
      ...(flags.user && { user: flags.user }),
      ...(flags.entrypoint !== undefined && { entrypoint: toEntrypoint(flags.entrypoint) }),
      ...(flags.name && { name: flags.name }),
      ...toNetworks(flags.network ?? []),
      ...(flags.link && { links: flags.link.map(parseLink) }),
      ...(flags.memory !== undefined && { memory: parseBytes(flags.memory, "--memory") }),
      ...(flags["service-ports"] && { servicePorts: true }),
      ...toContainer(flags, context),
      ...(flags["pids-limit"] !== undefined && { pidsLimit: parseCount(flags["pids-limit"], "--pids-limit") }),
      ...(flags.cpus !== undefined && { nanoCpus: parseNanoCpus(flags.cpus, "--cpus") }),
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

const toPull = (pull: RunFlags["pull"]): RunSettings["pull"] =>
  pull === undefined
    ? "never"
    : pull === ""
      ? "missing"
      : choice("--pull", pull, ["missing", "always", "never"], "run");

const toPrint = (print: RunFlags["print"]): RunSettings["print"] =>
  print === undefined ? undefined : choice("--print", print || "json", ["json", "docker"], "run");

const ON_CONFLICT: readonly OnConflict[] = ["fail", "wait", "skip", "replace"];
const ON_DISCONNECT: readonly OnDisconnect[] = ["stop", "keep", "hup"];

function toContainer(flags: RunFlags, context: Context): Pick<RunOptions, "container"> {
  const container = toContainerSettings(flags);
  if (Object.keys(container).length === 0) return {};
  return { container: readProfiles(container, "--security-opt", context) };
}

function toNetworks(given: readonly string[]): Pick<RunOptions, "networks"> {
  const networks = [...new Set(given)].filter((network) => network !== "");
  const alone = networks.find((network) => /^(?:host|none|container:.*)$/.test(network));
  const other = networks.find((network) => network !== alone);
  if (alone !== undefined && other !== undefined) throw conflictingOptions(`--network ${alone}`, `--network ${other}`);
  return networks.length > 0 ? { networks } : {};
}

/** `CONTAINER[:ALIAS]` */
function parseLink(text: string): string {
  if (!/^[^:]+(?::[^:]+)?$/.test(text)) throw badLink(text);
  return text;
}

/** Names of `--env` without a value that are not set in the environment; they are removed from the command's. */
export const toUnset = (flags: Pick<RunFlags, "env">, { env }: Pick<Context, "env">): string[] =>
  lastFlags(flags, env).flatMap(([name, pair]) => (pair ? [] : [name]));

const lastFlags = ({ env: flags = [] }: Pick<RunFlags, "env">, env: Context["env"]) => [
  ...new Map(flags.map((flag) => [flag.split("=", 1)[0] ?? "", parseEnvFlag(flag, env)])),
];

/** Env files in order, then options of the command line, which take precedence. */
export const toEnv = (flags: Pick<RunFlags, "env" | "env-file">, context: Context): Env =>
  mergeEnv(readEnvFiles(flags, context), toFlagEnv(flags, context));

function readEnvFiles(flags: Pick<RunFlags, "env-file">, { env, readFile }: Context): Env {
  const files = (flags["env-file"] ?? []).map((file) => {
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

/** The last of several flags for a name takes precedence. */
const toFlagEnv = (flags: Pick<RunFlags, "env">, { env }: Pick<Context, "env">): Env =>
  new Map(lastFlags(flags, env).flatMap(([, pair]) => (pair ? [pair] : [])));

/** In the Engine API a single empty string removes the entrypoint. */
const toEntrypoint = (text: string) => (text === "" ? [""] : (splitWords(text) ?? [text]));
