import { dirname, join } from "node:path";
import { isProcessType, type Procfile } from "../../app/procfile.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { ignoredProcfile } from "../../errors/apps.ts";
import { linesOf, warning } from "../../errors/error.ts";
import type { Report } from "../../output/events.ts";
import { type ImageProcfileContext, readImageProcfile } from "./image-procfile.ts";
import { type Files, readProcfile } from "./manifest-file.ts";
import { distrustReason } from "./manifest-trust.ts";
import type { Resolved } from "./resolved-app.ts";

/** Process types and their origin. */
export interface ResolvedProcfile {
  readonly procfile: Procfile;
  /** `build` is the build folder in oneoff.yaml, `Procfile` the file beside oneoff.yaml. */
  readonly from: "oneoff.yaml" | "release" | "image" | "build" | "Procfile";
}

interface ProcfileContext extends ImageProcfileContext {
  readonly files: Pick<Files, "exists" | "readFile" | "fileTrust">;
}

interface ProcfileRequest extends Pick<Resolved, "app" | "copy" | "file"> {
  /** The image of the app, if it was inspected before. */
  readonly image?: ImageDetails | undefined;
  /** `--config` */
  readonly config?: string | undefined;
}

/**
 * Reads the process types of an app from oneoff.yaml or its release, else its image, else its build folder, else the
 * folder of oneoff.yaml.
 * @param firstWord the first argument of the command; if it cannot be a process type, no request is sent.
 */
export async function appProcfile(
  context: ProcfileContext,
  request: ProcfileRequest,
  firstWord: string | undefined,
): Promise<Procfile> {
  return (await resolveProcfile(context, request, firstWord)).procfile;
}

/** Reads the process types and their origin. */
export async function resolveProcfile(
  context: ProcfileContext,
  request: ProcfileRequest,
  firstWord: string | undefined,
): Promise<ResolvedProcfile> {
  const { app, copy, image } = request;
  if (app.procfile.size > 0)
    return { procfile: app.procfile, from: app.from === "release" ? "release" : "oneoff.yaml" };
  const fromImage = await readImageProcfile(context, app, firstWord, copy, image);
  if (fromImage.size > 0 || firstWord === undefined) return { procfile: fromImage, from: "image" };
  const { build } = app.settings;
  const file = build && join(build.context, "Procfile");
  if (file && context.files.exists(file))
    return { procfile: readProcfile({ path: file }, context.files), from: "build" };
  const beside = isProcessType(firstWord) ? readBeside(context.files, request, context.report) : undefined;
  return beside ? { procfile: beside, from: "Procfile" } : { procfile: fromImage, from: "image" };
}

/**
 * Reads the Procfile beside oneoff.yaml for an app with an image. A file that cannot be used is reported as a warning,
 * since the first argument may be a program of the image.
 */
function readBeside(
  files: ProcfileContext["files"],
  { app, file, config }: ProcfileRequest,
  report: Report,
): Procfile | undefined {
  if (app.from !== "oneoff.yaml" || app.settings.image === undefined || file === undefined) return undefined;
  const path = join(dirname(file), "Procfile");
  if (!files.exists(path)) return undefined;
  const reason = config === undefined ? distrustReason(files.fileTrust(path)) : undefined;
  try {
    if (reason === undefined) return readProcfile({ path }, files);
    report(warning(ignoredProcfile(path, reason)));
  } catch (error) {
    report(warning(linesOf(error)));
  }
  return undefined;
}
