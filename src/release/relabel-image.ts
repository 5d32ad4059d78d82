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

export interface Recast {
  readonly config: ImageConfig["config"];
  /** Moves to it. */
  readonly tag: string;
  /** What its history is to say. */
  readonly history?: (rows: readonly HistoryRow[]) => readonly HistoryRow[];
}

/**
 * An image with the layers of another and a Config of its own: no layer more, nothing built, no container.
 * @param otherwise does the same in another way, for an engine that wants the bytes of layers it has: those that keep
 * images in containerd do. By default all of the image goes through here.
 * @returns its id.
 */
export async function recastImage(
  engine: Transport,
  image: ImageDetails,
  { config, tag, history = (rows) => rows }: Recast,
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
 * Labels added, by way of a container that is never started: every engine can do that at once, and the history has one
 * entry more. An image needs a command for it, or an entrypoint. If the container stays, the next deploy removes it like
 * one of a phase.
 */
export async function commitLabels(engine: Transport, app: string, image: ImageDetails, { config, tag }: Recast) {
  const name = uniqueName(app, "labels");
  const Labels = ownLabels(name, { [LABEL.app]: app, [LABEL.kind]: "phase" });
  const { Id } = await createContainer(engine, name, { Image: image.Id, Cmd: ["oneoff"], Labels });
  try {
    // What the Config does not set, the engine takes from the container.
    await commitContainer(engine, Id, { ...config, Labels: { ...NO_LABELS, ...config.Labels } }, tag);
  } finally {
    await removeIfThere(engine, Id);
  }
}
