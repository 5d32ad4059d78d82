import { createContainer, removeIfThere } from "../engine/containers.ts";
import { commitContainer } from "../engine/image-tags.ts";
import type { ImageDetails } from "../engine/image-types.ts";
import { inspectImage } from "../engine/images.ts";
import {
  type HistoryRow,
  type ImageConfig,
  imageHistory,
  loadImageConfig,
  loadImageWithConfig,
} from "../engine/load-image-config.ts";
import type { Transport } from "../engine/transport.ts";
import { isLoadFailed } from "../errors/engine.ts";
import { LABEL } from "../identity/labels.ts";
import { uniqueName } from "../identity/names.ts";
import { NO_LABELS, ownLabels } from "../identity/ownership.ts";
import { imageConfig } from "./image-config.ts";

export interface Relabeling {
  readonly config: ImageConfig["config"];
  /** The tag, which moves to the new image. */
  readonly tag: string;
  /** The text of its history entry. */
  readonly history?: (rows: readonly HistoryRow[]) => readonly HistoryRow[];
}

/**
 * Creates an image with the layers of another and a new Config, without a build, a container or a new layer.
 * @param otherwise the fallback for engines that need the content of existing layers: those with the
 * containerd image store. By default the whole image passes through oneoff.
 * @returns the image's ID.
 */
export async function relabelImage(
  engine: Transport,
  image: ImageDetails,
  { config, tag, history = (rows) => rows }: Relabeling,
  otherwise?: () => Promise<void>,
): Promise<string> {
  const described = imageConfig(image, history(await imageHistory(engine, image.Id)), config);
  try {
    await loadImageConfig(engine, described, tag);
  } catch (error) {
    if (!isLoadFailed(error)) throw error;
    await (otherwise ? otherwise() : loadImageWithConfig(engine, image.Id, described, tag));
  }
  return (await inspectImage(engine, tag)).Id;
}

/**
 * Adds labels by committing a container that is never started. This is fast on every engine, and adds an entry to the
 * history. The image needs a command or entrypoint. If the container remains, the next deploy removes it like
 * the container of a phase.
 */
export async function relabelByCommit(
  engine: Transport,
  app: string,
  image: ImageDetails,
  { config, tag }: Relabeling,
) {
  const name = uniqueName(app, "labels");
  const Labels = ownLabels(name, { [LABEL.app]: app, [LABEL.kind]: "phase" });
  const { Id } = await createContainer(engine, name, { Image: image.Id, Cmd: ["oneoff"], Labels });
  try {
    // The engine copies fields that are absent in the Config from the container.
    await commitContainer(engine, Id, { ...config, Labels: { ...NO_LABELS, ...config.Labels } }, tag);
  } finally {
    await removeIfThere(engine, Id);
  }
}
