import { dirname, join, resolve } from "node:path";
import { type App, isAppName, releaseImage } from "../app/app.ts";
import { parseManifest } from "../app/manifest.ts";
import type { Manifest, ManifestApp } from "../app/manifest-schema.ts";
import { nearest } from "../app/nearest.ts";
import { type Procfile, parseProcfile } from "../app/procfile.ts";
import { decodeText } from "../app/text.ts";
import { listImages } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import { badAppName, missingImage, noImageInManifest, unknownApp, unreadable } from "../errors.ts";

/** The files an app may be described in. */
export interface Files {
  readonly cwd: string;
  exists(path: string): boolean;
  readFile(path: string): Uint8Array;
}

export interface AppRequest {
  readonly name: string;
  /** `--image` */
  readonly image?: string | undefined;
  /** `--config` */
  readonly config?: string | undefined;
}

/**
 * An app is what `--image` says, else what the nearest oneoff.yaml says, else a release that oneoff has deployed.
 * Whether the engine has the image is not asked: creating a container from it will tell.
 */
export function resolveApp(request: AppRequest, files: Files): App {
  const { name, image } = request;
  if (!isAppName(name)) throw badAppName(name);
  if (image) return { name, from: "--image", image, env: new Map(), procfile: new Map() };
  const found = findManifest(request, files);
  const described = found?.manifest.apps.get(name);
  if (!found || !described) {
    return { name, from: "release", image: releaseImage(name), env: new Map(), procfile: new Map() };
  }
  if (!described.image) throw noImageInManifest(name, found.file);
  return {
    name,
    from: "oneoff.yaml",
    image: described.image,
    env: described.env ?? new Map(),
    procfile: readProcfile(described.procfile, found.file, files),
  };
}

/** Why there is no such image, in the user's terms: for an app that nothing describes, there is no such app. */
export async function explainMissingImage(engine: Transport, app: App, request: AppRequest, files: Files) {
  if (app.from !== "release")
    return missingImage(app.image, `${app.from === "--image" ? `--image ${app.image} ` : ""}${app.name}`);
  const found = findManifest(request, files);
  const described = [...(found?.manifest.apps.keys() ?? [])];
  const images = await listImages(engine, "oneoff/*:latest");
  const released = images
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .flatMap((tag) => /^oneoff\/([^/]+):latest$/.exec(tag)?.[1] ?? []);
  const known = [...new Set([...described, ...released])].sort();
  const looked = `looked in ${found?.file ?? "oneoff.yaml, of which there is none here"}, and for the image ${app.image}`;
  return unknownApp(app.name, nearest(app.name, known), known, looked);
}

function findManifest({ config }: AppRequest, files: Files): { file: string; manifest: Manifest } | undefined {
  const file = config === undefined ? nearestManifest(files.cwd, files) : resolve(files.cwd, config);
  return file === undefined
    ? undefined
    : { file, manifest: parseManifest(read(file, config ? "--config" : "manifest", files), file) };
}

function nearestManifest(folder: string, files: Files): string | undefined {
  const file = join(folder, "oneoff.yaml");
  if (files.exists(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestManifest(parent, files);
}

function readProcfile(procfile: ManifestApp["procfile"], manifest: string, files: Files): Procfile {
  if (!procfile) return new Map();
  if (!("path" in procfile)) return procfile as Procfile;
  const file = resolve(dirname(manifest), procfile.path);
  return parseProcfile(decodeText(read(file, "procfile", files), file), file);
}

function read(file: string, what: string, files: Files): Uint8Array {
  try {
    return files.readFile(file);
  } catch (error) {
    throw unreadable(what, file, error);
  }
}
