import { dirname, join, resolve } from "node:path";
import { parseComposeEnv } from "../../app/compose-env.ts";
import { type Env, type Inherited, mergeEnv } from "../../app/env.ts";
import type { Manifest, ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { type Procfile, parseProcfile } from "../../app/procfile.ts";
import { decodeText } from "../../app/text.ts";
import { unsetVariable } from "../../errors/app.ts";
import { untrustedManifest } from "../../errors/apps.ts";
import { unreadable } from "../../errors/files.ts";
import type { ReadLimits } from "../../streams/read-whole.ts";
import type { EnvStore } from "./env-store.ts";
import { distrustReason, type FileTrust } from "./manifest-trust.ts";

/** Access to the files that describe an app, and to the variables that they interpolate. */
export interface Files {
  readonly cwd: string;
  /** The same folder as the shell names it. */
  readonly shellCwd?: string;
  readonly env: Inherited;
  exists(path: string): boolean;
  /** @throws NodeJS.ErrnoException */
  readFile(path: string, limits?: ReadLimits): Uint8Array;
  fileTrust(path: string): FileTrust | undefined;
  readonly envStore: Pick<EnvStore, "read">;
  /** The commands of oneoff, which aliases of oneoff.yaml begin with. */
  readonly commands?: ReadonlySet<string>;
}

/** A manifest with its path. */
export interface ManifestFile {
  readonly file: string;
  readonly manifest: Manifest;
}

/** A command needs its manifest several times. A pipe of `--config` can be read only once. */
const manifests = new WeakMap<Files, Map<string | undefined, Promise<ManifestFile | undefined>>>();

/**
 * Reads a manifest once for each command.
 * @param config the value of `--config`; without it, the nearest manifest from the working folder upwards is used.
 * @throws OneoffError also for a nearest manifest that another user can write, because it decides what runs as root.
 */
export function findManifest(config: string | undefined, files: Files): Promise<ManifestFile | undefined> {
  const known = manifests.get(files) ?? new Map<string | undefined, Promise<ManifestFile | undefined>>();
  manifests.set(files, known);
  const manifest = known.get(config) ?? readManifest(config, files);
  known.set(config, manifest);
  return manifest;
}

async function readManifest(config: string | undefined, files: Files): Promise<ManifestFile | undefined> {
  const file = config === undefined ? nearestManifest(files.cwd, files) : resolve(files.cwd, config);
  if (file === undefined) return undefined;
  const reason = config === undefined ? distrustReason(files.fileTrust(file)) : undefined;
  if (reason !== undefined) throw untrustedManifest(file, reason);
  const bytes = config === undefined ? read(file, "manifest", files) : read(file, "--config", files, ALLOW_PIPE);
  const { parseManifest } = await import("../../app/manifest/manifest.ts");
  return { file, manifest: parseManifest(bytes, file, files.env, files.commands) };
}

/** `--config` may name a pipe, e.g. `<(command)`. */
const ALLOW_PIPE = { allowPipe: true };

function nearestManifest(folder: string, files: Files): string | undefined {
  const file = join(folder, "oneoff.yaml");
  if (files.exists(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestManifest(parent, files);
}

/**
 * Merges `env-file` and `env` of an app. Later files override earlier ones, and `env` overrides files.
 * As in Compose, files can interpolate variables from earlier files and from `env`.
 */
export function readEnv(
  { envFiles = [], env = new Map() }: ManifestApp,
  files: Files,
  warn: (message: string) => void,
): Env {
  let earlier: Env = new Map();
  for (const file of envFiles) {
    const unset = (variable: string) => warn(unsetVariable(file, variable));
    const bytes = read(file, "env-file", files);
    earlier = mergeEnv(earlier, parseComposeEnv(bytes, file, { inherited: files.env, beside: env, earlier, unset }));
  }
  return mergeEnv(earlier, env);
}

export function readProcfile(procfile: ManifestApp["procfile"], files: Pick<Files, "readFile">): Procfile {
  if (!procfile) return new Map();
  if (!("path" in procfile)) return procfile as Procfile;
  const { path } = procfile;
  return parseProcfile(decodeText(read(path, "procfile", files), path), path);
}

function read(file: string, what: string, files: Pick<Files, "readFile">, limits?: ReadLimits): Uint8Array {
  try {
    return files.readFile(file, limits);
  } catch (error) {
    throw unreadable(what, file, error);
  }
}
