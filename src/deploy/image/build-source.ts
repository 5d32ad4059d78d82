import { type Builder, type Built, buildImage, enginePlatform, isNoBuildKit, isNotUtf8 } from "../../engine/build.ts";
import type { OnProgress } from "../../engine/build-progress.ts";
import { hasImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { warning } from "../../errors/error.ts";
import { absentBuildSecret, missingBaseImages, noBuildSecrets, sentAsArchive } from "../../errors/image.ts";
import { type PullContext, pull } from "../../oneoff/pull.ts";
import { type BuildChoice, baseImages } from "./base-images.ts";
import { type Dockerfile, parseDockerfile } from "./dockerfile.ts";
import { maskProxies } from "./mask-proxies.ts";
import { sessionMounts } from "./session-mounts.ts";
import type { Source } from "./source.ts";

/** `signal` breaks the build off. */
export type BuildContext = PullContext;

/** What `--build-arg` and the like, or oneoff.yaml's `build`, say. */
export interface BuildOptions {
  readonly args: ReadonlyMap<string, string>;
  readonly target?: string | undefined;
  readonly noCache: boolean;
  /** Whether base images that are missing are pulled. */
  readonly pull: boolean;
  readonly tag?: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Builds an image, with BuildKit unless the engine has none. Base images that the engine does not have are not pulled
 * unless `pull` says so: they are looked for before anything is sent. They are pulled one by one, and not by the builder:
 * BuildKit would have no credentials, for which it wants a session, and on many engines not even pull what needs none.
 */
export async function buildSource(context: BuildContext, source: Source, options: BuildOptions): Promise<Built> {
  try {
    return await buildWith("buildkit", context, source, options);
  } catch (error) {
    if (!isNoBuildKit(error)) throw error;
    return await buildWith("classic", context, source, options);
  }
}

async function buildWith(
  builder: Builder,
  session: BuildContext,
  source: Source,
  options: BuildOptions,
): Promise<Built> {
  const { engine, report, signal } = session;
  const dockerfile = parseDockerfile(source.dockerfileText);
  // Not unless it matters: the engine asks all its parts for their versions.
  const platform = PLATFORM_VARIABLES.test(source.dockerfileText) ? await enginePlatform(engine) : undefined;
  const choice = { ...options, builder, platform };
  const mounts = sessionMounts(dockerfile, choice);
  const required = mounts.filter(({ isRequired }) => isRequired);
  if (required.length > 0) throw noBuildSecrets(source.dockerfilePath, required);
  const missing = await missingImages(engine, dockerfile, choice);
  if (missing.length > 0 && !options.pull) throw missingBaseImages(source.dockerfilePath, missing);
  for (const { image } of missing) await pull(session, image);
  for (const mount of mounts) report(warning(absentBuildSecret(source.dockerfilePath, mount)));
  const mask = maskProxies(options.args);
  const onProgress: OnProgress = (said) =>
    report(
      said.kind === "step"
        ? { type: "build-step", step: mask(said.step), cached: said.cached }
        : { type: "build-output", step: mask(said.step), text: mask(said.text) },
    );
  // Without a session BuildKit refuses even mounts that may be absent.
  const needsSession = builder === "buildkit" && (source.isHidden || mounts.length > 0);
  const request = { ...options, mask, dockerfile: source.dockerfile, signal };
  const archive = () =>
    buildImage(engine, builder, { ...request, context: () => source.context(builder, report) }, onProgress);
  if (!needsSession) return await archive();
  // What has no sessions takes the archive as the classic builder does.
  const context = () => source.context("classic", report);
  try {
    return await buildImage(engine, builder, { ...request, context, files: source.sessionFiles(report) }, onProgress);
  } catch (error) {
    if (!isNotUtf8(error)) throw error;
    report(warning(sentAsArchive()));
    return await archive();
  }
}

/** What BuildKit sets by itself. */
const PLATFORM_VARIABLES = /(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)/;

/** The base images that the engine does not have. */
async function missingImages(engine: Transport, dockerfile: Dockerfile, choice: BuildChoice) {
  const needed = baseImages(dockerfile, choice);
  const there = await Promise.all(needed.map(({ image }) => hasImage(engine, image)));
  return needed.filter((_, index) => !there[index]);
}
