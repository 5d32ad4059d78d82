import { type Builder, type Built, buildImage, enginePlatform, isNoBuildKit } from "../../engine/build.ts";
import type { OnProgress } from "../../engine/build-progress.ts";
import { hasImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { missingBaseImages } from "../../errors.ts";
import { type PullContext, pull } from "../../oneoff/pull.ts";
import { baseImages } from "./base-images.ts";
import { readDockerfile } from "./dockerfile.ts";
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
  context: BuildContext,
  source: Source,
  options: BuildOptions,
): Promise<Built> {
  const { engine, report, signal } = context;
  const missing = await missingImages(engine, builder, source, options);
  if (missing.length > 0 && !options.pull) throw missingBaseImages(source.dockerfilePath, missing);
  for (const { image } of missing) await pull(context, image);
  const onProgress: OnProgress = (said) =>
    report(
      said.kind === "step"
        ? { type: "build-step", step: said.step, cached: said.cached }
        : { type: "build-output", step: said.step, text: said.text },
    );
  const { dockerfile } = source;
  const request = { ...options, dockerfile, context: () => source.context(builder, report), signal };
  return await buildImage(engine, builder, request, onProgress);
}

/** What BuildKit sets by itself. */
const PLATFORM = /(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)/;

/** The base images that the engine does not have. */
async function missingImages(engine: Transport, builder: Builder, source: Source, options: BuildOptions) {
  // Not unless somebody wants to know: the engine asks all its parts for their versions.
  const platform = PLATFORM.test(source.dockerfileText) ? await enginePlatform(engine) : undefined;
  const needed = baseImages(readDockerfile(source.dockerfileText), { ...options, builder, platform });
  const there = await Promise.all(needed.map(({ image }) => hasImage(engine, image)));
  return needed.filter((_, index) => !there[index]);
}
