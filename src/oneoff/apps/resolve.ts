import type { App } from "../../app/app.ts";
import { isAppName } from "../../app/app-name.ts";
import { launcherOf } from "../../app/buildpacks.ts";
import { didYouMean } from "../../app/did-you-mean.ts";
import { mergeEnv, parseEnvList } from "../../app/env.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { inspectContainer } from "../../engine/containers.ts";
import type { ImageSummary } from "../../engine/image-types.ts";
import { inspectImage, listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { badAppName } from "../../errors/app.ts";
import { noSuchContainer, notDeployedYet, unknownApp } from "../../errors/apps.ts";
import { badAnswer, isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import type { Report } from "../../output/events.ts";
import { liveRelease } from "../../release/live-release.ts";
import { releaseProcfile } from "../../release/procfile-label.ts";
import { isListedRelease } from "../../release/release-image.ts";
import { latestTag } from "../../release/tags.ts";
import { listApps } from "./app-list.ts";
import type { Candidate } from "./candidates.ts";
import { type ContainerCopy, copyContainer } from "./copy.ts";
import { findCopyWarnings } from "./copy-warnings.ts";
import { findContainer } from "./find.ts";
import { type Files, findManifest, type ManifestFile, readEnv, readProcfile } from "./manifest-file.ts";

export interface AppRequest {
  readonly name: string;
  /** `--image` */
  readonly image?: string | undefined;
  /** `--config` */
  readonly config?: string | undefined;
}

export interface ResolveContext {
  readonly engine: Transport;
  readonly files: Files;
  readonly report: Report;
}

export interface Resolved {
  readonly app: App;
  /** What is taken over from the container that the app was found as. */
  readonly copy?: ContainerCopy;
  /** The oneoff.yaml that describes it. */
  readonly file?: string;
}

/**
 * An app is what the nearest oneoff.yaml says, else a release that oneoff has deployed, else a container that somebody
 * has deployed, with all that surrounds it. `--image` puts another image in its place, and is all there is to an app
 * that is nowhere. Whether the engine has the image is not asked: creating a container from it will tell.
 */
export async function resolveApp(context: ResolveContext, { name, image, config }: AppRequest): Promise<Resolved> {
  const { engine, files } = context;
  const found = findManifest(config, files);
  const described = found?.manifest.apps.get(name);
  if (found && described) {
    for (const message of described.warnings) context.report(warning(message));
    const asked = image ? { ...described, image } : await withLiveImage(context, name, described);
    return { ...(await describedApp(context, name, asked)), file: found.file };
  }
  const [images, candidate] = await Promise.all([
    isAppName(name) && !image ? listImages(engine, `oneoff/${name}`) : [],
    findContainer(engine, name),
  ]);
  const live = images.find(({ RepoTags }) => RepoTags?.includes(latestTag(name)));
  if (live) return await releasedApp(context, name, live, isListedRelease(name, live, images), candidate);
  if (candidate) return await copiedApp(context, name, candidate, image);
  if (image) {
    const env = image.startsWith(`oneoff/${name}:`) ? files.envStore.read(name) : new Map<string, string>();
    return { app: { ...namedApp(name), from: "--image", image, env } };
  }
  throw await unknownAppError(engine, name, found);
}

/** The app that has nothing but its name yet. */
function namedApp(name: string) {
  if (!isAppName(name)) throw badAppName(name);
  return { name, env: new Map(), procfile: new Map(), settings: {} };
}

/**
 * What a release is run with besides its image, its processes have; where it has none, there is only what app.json has set.
 * @param isOwn whether it is a release of ours: an image that was made from one, and tagged by hand, has its labels, too.
 */
async function releasedApp(
  context: ResolveContext,
  name: string,
  { Id, Labels }: ImageSummary,
  isOwn: boolean,
  candidate: Candidate | undefined,
): Promise<Resolved> {
  const launcher = launcherOf({ labels: Labels });
  const procfile = isOwn ? releaseProcfile(Labels) : new Map();
  const release = { from: isOwn ? "release" : "image", image: latestTag(name), procfile, launcher } as const;
  if (candidate?.from !== "oneoff")
    return { app: { ...namedApp(name), ...release, env: context.files.envStore.read(name) } };
  // One that still runs the release before has what it got from its own image.
  const other = candidate.container.ImageID === Id ? undefined : release.image;
  const { app, ...copied } = await copiedApp(context, name, candidate, other);
  return { ...copied, app: { ...app, ...release } };
}

/**
 * What oneoff has deployed of an image is run as it was deployed: with what predeploy has changed, until another image is
 * live. Where oneoff.yaml has another one since, that is said.
 */
async function withLiveImage({ engine, report }: ResolveContext, name: string, described: ManifestApp) {
  const { image, from } = described;
  if (image === undefined || from !== undefined) return described;
  const live = await liveRelease(engine, name, image);
  if (!live) return described;
  if (!live.isFromImage) report(warning(notDeployedYet(name, image, live.number)));
  return { ...described, image: latestTag(name) };
}

async function describedApp(context: ResolveContext, name: string, described: ManifestApp): Promise<Resolved> {
  const { engine, files, report } = context;
  const warn = (message: string) => report(warning(message));
  const app = {
    name,
    from: "oneoff.yaml",
    // What is only built is run as it was last released.
    image: described.image ?? latestTag(name),
    env: mergeEnv(files.envStore.read(name), readEnv(described, files, warn)),
    procfile: readProcfile(described.procfile, files),
    settings: described,
  } as const;
  if (described.from === undefined) return { app };
  const candidate = await findContainer(engine, described.from);
  if (!candidate) throw noSuchContainer(name, described.from);
  const { app: copied, copy } = await copiedApp(context, name, candidate, described.image);
  return {
    app: { ...app, image: copied.image, launcher: copied.launcher, env: mergeEnv(copied.env, app.env) },
    ...(copy && { copy }),
  };
}

/** @param other the image to run in its surroundings, if it is not the container's own. */
export async function copiedApp(
  { engine, report }: Pick<ResolveContext, "engine" | "report">,
  name: string,
  { from, container }: Pick<Candidate, "from" | "container">,
  other?: string,
): Promise<Resolved> {
  const [details, image] = await Promise.all([
    inspectContainer(engine, container.Id),
    other ? containerImage(engine, container) : undefined,
  ]);
  for (const message of await findCopyWarnings(engine, details)) report(warning(message));
  if (!details.Image) throw badAnswer({ method: "GET", path: `/containers/${container.Id}/json` }, "expected an Image");
  const copy = copyContainer(details, image, engine.dialect);
  const app = {
    name: name.replace(/^[a-z]+:/, ""),
    from,
    image: other ?? copy.image,
    env: parseEnvList(copy.env),
    procfile: new Map(),
    // Another image of the app is taken to be made by the same builder.
    launcher: launcherOf({ labels: details.Config.Labels, env: details.Config.Env }),
    settings: {},
  };
  return { app, copy };
}

/** The image of a container may have been removed under it; what it has set cannot be told from the app's then. */
async function containerImage(engine: Transport, { ImageID }: Candidate["container"]) {
  try {
    return await inspectImage(engine, ImageID);
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

/** Where there is no such app, what there is. @param command what was asked of it. */
export async function unknownAppError(
  engine: Transport,
  name: string,
  found: ManifestFile | undefined,
  command = "run",
) {
  const known = (await listApps(engine, found)).map((app) => app.name);
  return unknownApp(name, didYouMean(name, known), known, found?.file, command);
}
