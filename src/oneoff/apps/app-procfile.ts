import { join } from "node:path";
import type { App } from "../../app/app.ts";
import type { Procfile } from "../../app/procfile.ts";
import type { ContainerCopy } from "../../engine/copy.ts";
import { type ImageProcfileContext, imageProcfile } from "./image-procfile.ts";
import { type Files, readProcfile } from "./manifest-file.ts";

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
  if (app.procfile.size > 0) return app.procfile;
  const ofImage = await imageProcfile(context, app, firstWord, copy);
  const { build } = app.settings;
  const file = build && join(build.context, "Procfile");
  if (ofImage.size > 0 || file === undefined || firstWord === undefined || !context.files.exists(file)) return ofImage;
  return readProcfile({ path: file }, context.files);
}
