import { isAppName } from "../../app/app-name.ts";
import { launcherOf } from "../../app/buildpacks.ts";
import { mayHaveProject } from "../../app/compose/file-names.ts";
import { mergeEnv } from "../../app/env.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import type { ImageSummary } from "../../engine/image-types.ts";
import { listImages } from "../../engine/images.ts";
import { badAppName } from "../../errors/app.ts";
import { noSuchContainer, notDeployedYet } from "../../errors/apps.ts";
import { warning } from "../../errors/error.ts";
import { noServiceToBuild } from "../../errors/services.ts";
import { liveRelease } from "../../release/live-release.ts";
import { isListedRelease } from "../../release/release-image.ts";
import { releaseProcfile } from "../../release/release-labels.ts";
import { latestTag } from "../../release/tags.ts";
import type { Candidate } from "./candidates.ts";
import { copiedApp } from "./copied-app.ts";
import { type Found, findApp } from "./find.ts";
import { findManifest, readEnv, readProcfile } from "./manifest-file.ts";
import { requireSameProject } from "./other-project.ts";
import type { AppRequest, ResolveContext, Resolved } from "./resolved-app.ts";
import { withProfiles } from "./seccomp-profiles.ts";

/**
 * Finds an app in the nearest oneoff.yaml, then among releases, then among containers, whose settings are copied, then
 * in the nearest Compose file.
 * `--image` replaces the image, and also defines an app that was not found. A missing image is reported at create.
 */
export async function resolveApp(
  context: ResolveContext,
  { name, image, config, build }: AppRequest,
): Promise<Resolved> {
  const { engine, files } = context;
  if (build) return await builtService(context, name);
  const manifestFile = await findManifest(config, files);
  const described = manifestFile?.manifest.apps.get(name);
  if (manifestFile && described) {
    for (const message of described.warnings) context.report(warning(message));
    const overridden = image ? { ...described, image } : await withLiveImage(context, name, described);
    const resolved = await describedApp(context, name, overridden);
    return { ...(described.swarm ? await onSwarm(context, resolved, image) : resolved), file: manifestFile.file };
  }
  const [images, found] = await Promise.all([
    isAppName(name) && !image ? listImages(engine, `oneoff/${name}`) : [],
    findApp(engine, name, image !== undefined),
  ]);
  const live = found.service?.own ? undefined : images.find(({ RepoTags }) => RepoTags?.includes(latestTag(name)));
  if (live) return await releasedApp(context, name, live, isListedRelease(name, live, images), found.candidate);
  await requireSameProject(name, found, files);
  const deployed = await deployedApp(context, name, found, image);
  if (deployed) return deployed;
  const service = mayHaveProject(files) ? await serviceApp(context, name, image) : undefined;
  if (service) return service;
  if (image) {
    const env = image.startsWith(`oneoff/${name}:`) ? files.envStore.read(name) : new Map<string, string>();
    return { app: { ...namedApp(name), from: "--image", image, env } };
  }
  const { unknownAppError } = await import("./unknown-app.ts");
  throw await unknownAppError(engine, name, manifestFile, "run", context);
}

/** An app that is copied from a container or from a service of a Swarm. */
async function deployedApp(
  context: ResolveContext,
  name: string,
  { candidate, service, tasks }: Found,
  image: string | undefined,
): Promise<Resolved | undefined> {
  if (service) {
    const { resolveService } = await import("../swarm/services/resolve-service.ts");
    return await resolveService(context.engine, name, service, { other: image, tasks });
  }
  if (!candidate) return undefined;
  if (candidate.from === "swarm") {
    const { unknownService } = await import("../swarm/services/unknown-service.ts");
    throw await unknownService(context.engine, name, candidate);
  }
  return await copiedApp(context, name, candidate, image);
}

/** An app with `from` has a service already. */
async function onSwarm(context: ResolveContext, resolved: Resolved, image: string | undefined): Promise<Resolved> {
  if (resolved.copy) return resolved;
  const { withOwnService } = await import("../swarm/services/own-service.ts");
  return await withOwnService(context.engine, resolved, image);
}

/** A service of the nearest Compose file. */
async function serviceApp(context: ResolveContext, name: string, image: string | undefined) {
  const { findServiceApp } = await import("../compose/service-app.ts");
  return await findServiceApp(context, name, image);
}

async function builtService(context: ResolveContext, name: string): Promise<Resolved> {
  const service = await serviceApp(context, name, undefined);
  if (!service) throw noServiceToBuild(name, undefined);
  return service;
}

function namedApp(name: string) {
  if (!isAppName(name)) throw badAppName(name);
  return { name, env: new Map(), procfile: new Map(), settings: {} };
}

/**
 * The settings of a release are copied from its processes. Without processes, only variables of app.json are set.
 * @param isOwn whether oneoff made the release. An image built from a release and tagged by hand has the same labels.
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
  // A process of the previous release has inherited settings from another image.
  const other = candidate.container.ImageID === Id ? undefined : release.image;
  const { app, ...copied } = await copiedApp(context, name, candidate, other);
  return { ...copied, app: { ...app, ...release } };
}

/**
 * Replaces an image that was deployed by its release, which contains the changes of the predeploy phase.
 * A warning is printed if oneoff.yaml names another image since the deploy.
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
    // An app with only `build` runs its latest release.
    image: described.image ?? latestTag(name),
    env: mergeEnv(files.envStore.read(name), readEnv(described, files, warn)),
    procfile: readProcfile(described.procfile, files),
    settings: withProfiles(described, files),
  } as const;
  if (described.from === undefined) return { app };
  const found = await findApp(engine, described.from);
  const deployed = await deployedApp(context, name, found, described.image);
  if (!deployed) throw noSuchContainer(name, described.from);
  const { app: copied, ...rest } = deployed;
  return {
    app: { ...app, image: copied.image, launcher: copied.launcher, env: mergeEnv(copied.env, app.env) },
    ...rest,
  };
}
