import { urlPasswords } from "../../app/secrets/spans.ts";
import { type Builder, type Built, buildImage, enginePlatform, isNoBuildKit, isNotUtf8 } from "../../engine/build.ts";
import type { OnProgress } from "../../engine/build-progress.ts";
import { hasImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { warning } from "../../errors/error.ts";
import { absentBuildSecret, missingBaseImages, noBuildSecrets, sentAsArchive } from "../../errors/image.ts";
import { type PullContext, pull } from "../../oneoff/pull.ts";
import { type BuildChoice, baseImages } from "./base-images.ts";
import { type Dockerfile, parseDockerfile } from "./dockerfile.ts";
import { sessionMounts } from "./session-mounts.ts";
import type { Source } from "./source.ts";

/** `signal` cancels the build. */
export type BuildContext = PullContext;

/** Options like `--build-arg`, or `build` in oneoff.yaml. */
export interface BuildOptions {
  readonly args: ReadonlyMap<string, string>;
  readonly target?: string | undefined;
  readonly noCache: boolean;
  /** Whether missing base images are pulled. */
  readonly pull: boolean;
  readonly tag?: string | undefined;
  /** Images that the engine is known to have. */
  readonly present?: ReadonlySet<string>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The command that pulls missing base images, without `oneoff`, for errors. */
  readonly retry?: string;
}

/**
 * Builds an image with BuildKit, or with the classic builder on engines without it. Checks base images before the
 * upload, and pulls missing ones itself if `pull` is set: BuildKit has no credentials without a session, and on many
 * engines fails to pull even public images.
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
  // Only if the Dockerfile uses it: the request is slow, because the engine queries all its components.
  const platform = PLATFORM_VARIABLES.test(source.dockerfileText) ? await enginePlatform(engine) : undefined;
  const choice = { ...options, builder, platform };
  const mounts = sessionMounts(dockerfile, choice);
  const required = mounts.filter(({ isRequired }) => isRequired);
  if (required.length > 0) throw noBuildSecrets(source.dockerfilePath, required);
  const missing = await missingImages(engine, dockerfile, choice, options.present);
  if (missing.length > 0 && !options.pull) throw missingBaseImages(source.dockerfilePath, missing, options.retry);
  for (const { image } of missing) await pull(session, image);
  for (const mount of mounts) report(warning(absentBuildSecret(source.dockerfilePath, mount)));
  const mask = maskProxies(options.args);
  const onProgress: OnProgress = (progress) =>
    report(
      progress.kind === "step"
        ? { type: "build-step", step: mask(progress.step), cached: progress.cached }
        : { type: "build-output", step: mask(progress.step), text: mask(progress.text) },
    );
  // Without a session BuildKit rejects even optional mounts.
  const needsSession = builder === "buildkit" && (source.isHidden || mounts.length > 0);
  const request = { ...options, mask, dockerfile: source.dockerfile, signal };
  const archive = () =>
    buildImage(engine, builder, { ...request, context: () => source.context(builder, report) }, onProgress);
  // In a session BuildKit takes only the files that it needs, and stores them once instead of twice.
  if (builder === "classic" || !(needsSession || source.isBulky())) return await archive();
  // An engine without sessions hides the Dockerfile only as the classic builder does.
  const context = () => source.context(needsSession ? "classic" : builder, report);
  const files = source.sessionFiles(report);
  try {
    return await buildImage(engine, builder, { ...request, context, files, needsSession }, onProgress);
  } catch (error) {
    if (!isNotUtf8(error)) throw error;
    if (needsSession) report(warning(sentAsArchive()));
    return await archive();
  }
}

/** The images that a build with BuildKit needs, without those whose names depend on the platform. */
export const neededImages = ({ dockerfileText }: Source, options: BuildOptions): string[] =>
  baseImages(parseDockerfile(dockerfileText), { ...options, builder: "buildkit", platform: undefined }).map(
    ({ image }) => image,
  );

/** Variables that BuildKit sets. */
const PLATFORM_VARIABLES = /(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)/;

async function missingImages(
  engine: Transport,
  dockerfile: Dockerfile,
  choice: BuildChoice,
  present: ReadonlySet<string> = new Set(),
) {
  const images = baseImages(dockerfile, choice).filter(({ image }) => !present.has(image));
  const isPresent = await Promise.all(images.map(({ image }) => hasImage(engine, image)));
  return images.filter((_, index) => !isPresent[index]);
}

/** Masks passwords in proxy build arguments, because a build step may print its environment. */
export function maskProxies(args: ReadonlyMap<string, string>): (text: string) => string {
  const passwords = [...args]
    .filter(([name]) => /_proxy$/i.test(name))
    .flatMap(([, value]) => urlPasswords(value).map(([from, to]) => value.slice(from, to)));
  const variants = [...new Set(passwords.flatMap((password) => [password, decode(password)]))];
  return (text) => variants.reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
