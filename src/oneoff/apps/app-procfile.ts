import { join } from "node:path";
import type { App } from "../../app/app.ts";
import type { Procfile } from "../../app/procfile.ts";
import type { ContainerCopy } from "./copy.ts";
import { type ImageProcfileContext, readImageProcfile } from "./image-procfile.ts";
import { type Files, readProcfile } from "./manifest-file.ts";

/** Process types, and what they were taken from. */
export interface ResolvedProcfile {
  readonly procfile: Procfile;
  /** `build` is the folder that oneoff.yaml builds the image from. */
  readonly from: "oneoff.yaml" | "release" | "image" | "build";
}

/**
 * An app's process types: those of oneoff.yaml, or of its release; else those of its image; else those of the folder that
 * it is built from.
 * @param firstWord the user's; where it cannot be a process type, nobody is asked.
 */
export async function appProcfile(
  context: ImageProcfileContext & { readonly files: Pick<Files, "exists" | "readFile"> },
  app: App,
  firstWord: string | undefined,
  copy: ContainerCopy | undefined,
): Promise<Procfile> {
  return (await resolveProcfile(context, app, firstWord, copy)).procfile;
}

/** The same with what they were taken from. */
export async function resolveProcfile(
  context: ImageProcfileContext & { readonly files: Pick<Files, "exists" | "readFile"> },
  app: App,
  firstWord: string | undefined,
  copy: ContainerCopy | undefined,
): Promise<ResolvedProcfile> {
  if (app.procfile.size > 0)
    return { procfile: app.procfile, from: app.from === "release" ? "release" : "oneoff.yaml" };
  const ofImage = await readImageProcfile(context, app, firstWord, copy);
  const { build } = app.settings;
  const file = build && join(build.context, "Procfile");
  if (ofImage.size > 0 || file === undefined || firstWord === undefined || !context.files.exists(file))
    return { procfile: ofImage, from: "image" };
  return { procfile: readProcfile({ path: file }, context.files), from: "build" };
}
