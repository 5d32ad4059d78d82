import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComposeBuild } from "../../app/compose/service-parts.ts";
import type { Env } from "../../app/env.ts";
import { tagImage } from "../../engine/image-tags.ts";
import { remoteContext, unsupportedBuild } from "../../errors/image.ts";
import { type BuildContext, buildSource } from "./build-source.ts";
import { openSource } from "./source.ts";

export interface ServiceBuild {
  /** The app as typed. */
  readonly app: string;
  readonly build: ComposeBuild;
  /** The name that Compose gives to the image. */
  readonly image: string;
  /** The labels of Compose. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether missing base images are pulled. */
  readonly pull: boolean;
  readonly proxies: Env;
}

/** Keys of `build` that change the image and that the builder has no option for. */
const UNSUPPORTED = [
  ...["additional_contexts", "entitlements", "extra_hosts", "isolation", "network", "platforms", "privileged"],
  ...["secrets", "shm_size", "ssh", "ulimits"],
] as const satisfies readonly (keyof ComposeBuild)[];

/** Builds the image of a service as Compose does, and tags it with its names. */
export async function buildService(
  context: BuildContext,
  { app, build, image, labels, pull, proxies }: ServiceBuild,
): Promise<void> {
  const unsupported = UNSUPPORTED.filter((key) => build[key] !== undefined);
  if (unsupported.length > 0) throw unsupportedBuild(app, unsupported);
  const { context: folder = ".", args = {} } = build;
  if (!folder.startsWith("/")) throw remoteContext(app, folder);
  using dockerfile = placeDockerfile(build);
  const source = openSource(folder, dockerfile.path);
  const pairs = Object.entries(args).filter((pair): pair is [string, string] => pair[1] !== null);
  const built = await buildSource(context, source, {
    args: new Map([...proxies, ...pairs]),
    target: build.target,
    noCache: build.no_cache ?? false,
    pull,
    tag: image,
    labels: { ...build.labels, ...labels },
    retry: `run --build --pull ${app}`,
  });
  for (const tag of build.tags ?? []) await tagImage(context.engine, built.image, tag);
}

/** Writes an inline Dockerfile to a temporary file. */
function placeDockerfile({ dockerfile, dockerfile_inline: inline }: ComposeBuild) {
  if (inline === undefined) return { path: dockerfile, [Symbol.dispose]() {} };
  const folder = mkdtempSync(join(tmpdir(), "oneoff-"));
  const path = join(folder, "Dockerfile");
  writeFileSync(path, inline);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
