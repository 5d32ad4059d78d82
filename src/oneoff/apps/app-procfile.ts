import { join } from "node:path";
import type { App } from "../../app/app.ts";
import type { Procfile } from "../../app/procfile.ts";
import type { ContainerCopy } from "./copy.ts";
import { type ImageProcfileContext, readImageProcfile } from "./image-procfile.ts";
import { type Files, readProcfile } from "./manifest-file.ts";

/** Process types and their origin. */
export interface ResolvedProcfile {
  readonly procfile: Procfile;
  /** `build` is the build folder in oneoff.yaml. */
  readonly from: "oneoff.yaml" | "release" | "image" | "build";
}

/**
 * Reads the process types of an app from oneoff.yaml or its release, else its image, else its build folder.
 * @param firstWord the first argument of the command; if it cannot be a process type, no request is sent.
 */
export async function appProcfile(
  context: ImageProcfileContext & { readonly files: Pick<Files, "exists" | "readFile"> },
  app: App,
  firstWord: string | undefined,
  copy: ContainerCopy | undefined,
): Promise<Procfile> {
  return (await resolveProcfile(context, app, firstWord, copy)).procfile;
}

/** Reads the process types and their origin. */
export async function resolveProcfile(
  context: ImageProcfileContext & { readonly files: Pick<Files, "exists" | "readFile"> },
  app: App,
  firstWord: string | undefined,
  copy: ContainerCopy | undefined,
): Promise<ResolvedProcfile> {
  if (app.procfile.size > 0)
    return { procfile: app.procfile, from: app.from === "release" ? "release" : "oneoff.yaml" };
  const fromImage = await readImageProcfile(context, app, firstWord, copy);
  const { build } = app.settings;
  const file = build && join(build.context, "Procfile");
  if (fromImage.size > 0 || file === undefined || firstWord === undefined || !context.files.exists(file))
    return { procfile: fromImage, from: "image" };
  return { procfile: readProcfile({ path: file }, context.files), from: "build" };
}
