import { join, resolve } from "node:path";
import { parseEnvFlag } from "../../app/env.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import type { DeployRequest } from "../../deploy/deploy.ts";
import type { DeployContext } from "../../deploy/deploy-steps.ts";
import { readImageFiles } from "../../deploy/image/image-files.ts";
import { openSource } from "../../deploy/image/source.ts";
import { readSourceFiles, type SourceFiles, type SourcePaths } from "../../deploy/image/source-files.ts";
import { findSourceImage, loadSourceImage } from "../../deploy/image/source-image.ts";
import type { ImageSource } from "../../deploy/plan.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import { noSource } from "../../errors/deploy.ts";
import { conflictingOptions } from "../../errors/error.ts";
import { readProxies } from "../../host/docker-proxies.ts";
import type { Context } from "../context.ts";
import type { DeployFlags } from "./deploy-options.ts";

/** The source of a deploy: options, else oneoff.yaml, else a build of the working directory. */
export function chooseSource(
  flags: DeployFlags,
  folder: string | undefined,
  described: ManifestApp | undefined,
  { cwd, exists }: Context,
): ImageSource {
  if (flags.archive !== undefined) {
    if (folder !== undefined) throw conflictingOptions("--archive", folder);
    if (flags["dry-run"]) throw conflictingOptions("--archive", "--dry-run");
    return { kind: "archive", file: flags.archive };
  }
  if (flags.image !== undefined) {
    if (folder !== undefined) throw conflictingOptions("--image", folder);
    return { kind: "image", reference: flags.image };
  }
  if (folder !== undefined) return { kind: "build", folder: resolve(cwd, folder) };
  if (described?.build) return { kind: "build", folder: described.build.context };
  if (described?.image !== undefined) return { kind: "image", reference: described.image };
  if (!exists(join(cwd, "Dockerfile"))) throw noSource(cwd);
  return { kind: "build", folder: cwd };
}

interface Request {
  readonly flags: DeployFlags;
  readonly source: ImageSource;
  readonly paths: SourcePaths;
  readonly app: string;
  readonly described: ManifestApp | undefined;
}

/** The image or its build context, with Procfile and app.json, which are read first. */
export async function openImage(
  session: DeployContext,
  { flags, source, paths, app, described }: Request,
  context: Context,
): Promise<Pick<DeployRequest, "source" | "imageId"> & { readonly files: SourceFiles }> {
  if (source.kind === "build") {
    const files = readSourceFiles(source.folder, paths, context);
    const { build } = described ?? {};
    const given = (flags["build-arg"] ?? []).flatMap((flag) => [parseEnvFlag(flag, context.env) ?? []]);
    const pairs = given.filter((pair): pair is [string, string] => pair.length > 0);
    const opened = openSource(source.folder, flags.file ?? build?.dockerfile);
    const explicit = [...(flags["build-arg"] ?? []).map(nameOf), ...(build?.args?.keys() ?? [])];
    const options = {
      args: new Map([...readProxies(session, context, explicit), ...(build?.args ?? []), ...pairs]),
      target: flags.target ?? build?.target,
      noCache: flags["no-cache"] ?? false,
      pull: flags.pull ?? false,
    };
    return {
      source: { source: opened, options },
      imageId: undefined,
      files,
    };
  }
  const image =
    source.kind === "archive"
      ? await inspectImage(
          session.engine,
          await loadSourceImage(session, app, { file: source.file, cwd: context.cwd, image: flags.image }),
        )
      : // A plan does nothing, and without the image there is no Procfile to plan by.
        await findSourceImage(session, app, {
          reference: source.reference,
          mayPull: flags.pull === true && !flags["dry-run"],
        });
  return { source: undefined, imageId: image.Id, files: await filesOfImage(session, context, { app, image, paths }) };
}

/** The files that a deploy of an existing image reads. */
export const filesOfImage = (
  { engine, owner }: Pick<DeployContext, "engine" | "owner">,
  context: Context,
  { app, image, paths }: Pick<Request, "app" | "paths"> & { readonly image: ImageDetails },
) => readImageFiles({ engine, owner: owner.self, cache: context.cache, files: context }, { app, image }, paths);

const nameOf = (flag: string) => flag.replace(/=.*/s, "");
