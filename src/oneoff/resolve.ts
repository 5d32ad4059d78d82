import type { App } from "../app/app.ts";
import { isAppName, releaseImage } from "../app/app-name.ts";
import { mergeEnv } from "../app/env.ts";
import type { ManifestApp } from "../app/manifest-schema.ts";
import { nearest } from "../app/nearest.ts";
import { inspectContainer } from "../engine/containers.ts";
import { type ContainerCopy, copyOf } from "../engine/copy.ts";
import { inspectImage, listImages } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import { badAppName, isRefusal, noSuchContainer, unknownApp } from "../errors.ts";
import type { Report } from "../output/events.ts";
import type { Candidate } from "./candidates.ts";
import { findContainer } from "./find.ts";
import { type Files, type Found, findManifest, readEnv, readProcfile } from "./manifest-file.ts";

export interface AppRequest {
  readonly name: string;
  /** `--image` */
  readonly image?: string | undefined;
  /** `--config` */
  readonly config?: string | undefined;
}

export interface Resolved {
  readonly app: App;
  /** What is taken over from the container that the app was found as. */
  readonly copy?: ContainerCopy;
}

/**
 * An app is what `--image` says, else what the nearest oneoff.yaml says, else a release that oneoff has deployed, else
 * a container that somebody has deployed, with all that surrounds it.
 * Whether the engine has the image of the first two is not asked: creating a container from it will tell.
 */
export async function resolveApp(
  context: { readonly engine: Transport; readonly files: Files; readonly report: Report },
  { name, image, config }: AppRequest,
): Promise<Resolved> {
  const { engine, files } = context;
  if (image) return { app: { ...namedApp(name), from: "--image", image } };
  const found = findManifest(config, files);
  const described = found?.manifest.apps.get(name);
  if (described) {
    for (const message of described.warnings) context.report({ type: "warning", message });
    return await describedApp(engine, name, described, files);
  }
  const [released, candidate] = await Promise.all([
    isAppName(name) ? listImages(engine, releaseImage(name)) : [],
    findContainer(engine, name),
  ]);
  if (released.length > 0) return { app: { ...namedApp(name), from: "release", image: releaseImage(name) } };
  if (candidate) return await copiedApp(engine, name, candidate);
  throw await explainUnknownApp(engine, name, found);
}

/** The app that has nothing but its name yet. */
function namedApp(name: string) {
  if (!isAppName(name)) throw badAppName(name);
  return { name, env: new Map(), procfile: new Map(), settings: {} };
}

async function describedApp(engine: Transport, name: string, described: ManifestApp, files: Files): Promise<Resolved> {
  const app = {
    name,
    from: "oneoff.yaml",
    // What is only built is run as it was last released.
    image: described.image ?? releaseImage(name),
    env: readEnv(described, files),
    procfile: readProcfile(described.procfile, files),
    settings: described,
  } as const;
  if (described.from === undefined) return { app };
  const candidate = await findContainer(engine, described.from);
  if (!candidate) throw noSuchContainer(name, described.from);
  const { app: copied, copy } = await copiedApp(engine, name, candidate);
  const image = described.image ?? copied.image;
  return { app: { ...app, image, env: mergeEnv(copied.env, app.env) }, ...(copy && { copy }) };
}

async function copiedApp(engine: Transport, name: string, { from, container }: Candidate): Promise<Resolved> {
  const [details, image] = await Promise.all([
    inspectContainer(engine, container.Id),
    // The image of a container may have been removed under it; its variables then cannot be told from the app's.
    inspectImage(engine, container.ImageID).catch((error: unknown) => {
      if (isRefusal(error, 404)) return undefined;
      throw error;
    }),
  ]);
  const copy = copyOf(details, image);
  const app = {
    name: name.replace(/^[a-z]+:/, ""),
    from,
    image: copy.image,
    env: new Map(copy.env.filter((pair) => pair.includes("=")).map(splitPair)),
    procfile: new Map(),
    settings: {},
  };
  return { app, copy };
}

function splitPair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf("=");
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** Where there is no such app, what there is. */
async function explainUnknownApp(engine: Transport, name: string, found: Found | undefined) {
  const described = [...(found?.manifest.apps.keys() ?? [])];
  const images = await listImages(engine, "oneoff/*:latest");
  const released = images
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .flatMap((tag) => /^oneoff\/([^/]+):latest$/.exec(tag)?.[1] ?? []);
  const known = [...new Set([...described, ...released])].sort();
  return unknownApp(name, nearest(name, known), known, found?.file);
}
