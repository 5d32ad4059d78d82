import { dirname, join, resolve } from "node:path";
import { type Env, type Inherited, mergeEnv, parseEnvFile } from "../../app/env.ts";
import { parseManifest } from "../../app/manifest/manifest.ts";
import type { Manifest, ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { type Procfile, parseProcfile } from "../../app/procfile.ts";
import { decodeText } from "../../app/text.ts";
import { unreadable } from "../../errors.ts";
import type { EnvStore } from "./env-store.ts";

/** The files an app may be described in, and the variables they may name. */
export interface Files {
  readonly cwd: string;
  readonly env: Inherited;
  exists(path: string): boolean;
  readFile(path: string): Uint8Array;
  readonly envStore: Pick<EnvStore, "read">;
}

/** A manifest, and where it was. */
export interface Found {
  readonly file: string;
  readonly manifest: Manifest;
}

/** @param config what `--config` says; without it, the nearest manifest from the working folder upwards. */
export function findManifest(config: string | undefined, files: Files): Found | undefined {
  const file = config === undefined ? nearestManifest(files.cwd, files) : resolve(files.cwd, config);
  return file === undefined
    ? undefined
    : { file, manifest: parseManifest(read(file, config ? "--config" : "manifest", files), file, files.env) };
}

function nearestManifest(folder: string, files: Files): string | undefined {
  const file = join(folder, "oneoff.yaml");
  if (files.exists(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestManifest(parent, files);
}

/** What an app's `env-file` and `env` say: a later file before an earlier one, `env` before all. */
export function readEnv({ envFiles = [], env = new Map() }: ManifestApp, files: Files): Env {
  return mergeEnv(...envFiles.map((file) => parseEnvFile(read(file, "env-file", files), file, files.env)), env);
}

export function readProcfile(procfile: ManifestApp["procfile"], files: Pick<Files, "readFile">): Procfile {
  if (!procfile) return new Map();
  if (!("path" in procfile)) return procfile as Procfile;
  const { path } = procfile;
  return parseProcfile(decodeText(read(path, "procfile", files), path), path);
}

function read(file: string, what: string, files: Pick<Files, "readFile">): Uint8Array {
  try {
    return files.readFile(file);
  } catch (error) {
    throw unreadable(what, file, error);
  }
}
