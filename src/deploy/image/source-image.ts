import { resolve } from "node:path";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import { missingImage } from "../../errors/apps.ts";
import { isRefusal } from "../../errors/engine.ts";
import { pull } from "../../oneoff/pull.ts";
import { loadedTag } from "../../release/tags.ts";
import type { DeployContext } from "../deploy-steps.ts";
import { runTimedStep } from "../execute.ts";
import { loadArchive } from "./archive.ts";

interface Archive {
  /** A path, or `-` for stdin. */
  readonly file: string;
  readonly cwd: string;
  /** Selects one of several images. */
  readonly image: string | undefined;
}

/** Loads the image of an archive. @returns its ID. */
export async function loadSourceImage(context: DeployContext, app: string, archive: Archive): Promise<string> {
  const { file, cwd, image } = archive;
  const from = file === "-" ? context.terminal.stdin : resolve(cwd, file);
  const source = { name: file === "-" ? "stdin" : file, from };
  return await runTimedStep(context, "load", undefined, () => loadArchive(context, source, loadedTag(app), image));
}

/** Finds the image to deploy, or pulls it if allowed. */
export async function findSourceImage(
  context: DeployContext,
  app: string,
  { reference, mayPull }: { readonly reference: string; readonly mayPull: boolean },
): Promise<ImageDetails> {
  try {
    return await inspectImage(context.engine, reference);
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
    if (!mayPull) throw missingImage(reference, `deploy --pull --image ${reference} ${app}`);
  }
  await runTimedStep(context, "pull", undefined, () => pull(context, reference));
  return await inspectImage(context.engine, reference);
}
