import { removeImage } from "../../engine/image-tags.ts";
import { idOfImage, inspectImage } from "../../engine/images.ts";
import { readLabel, writeLabel } from "../../engine/label-images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../oneoff/labels.ts";
import { parseScale, type Scale, scaleText } from "./scale-text.ts";

const TAG = "scale";

/** The image whose label says what `oneoff scale` has set: so all who deploy to an engine know it. */
export const scaleImage = (app: string) => `oneoff/${app}:${TAG}`;

export async function readScale(engine: Transport, app: string): Promise<Scale> {
  const text = await readLabel(engine, scaleImage(app), LABEL.scale);
  return parseScale(text ? text.split(" ") : []);
}

export async function writeScale(engine: Transport, app: string, scale: Scale): Promise<void> {
  const former = await idOfImage(engine, scaleImage(app));
  await writeLabel(engine, `oneoff/${app}`, TAG, LABEL.scale, scaleText(scale));
  if (former !== undefined) await removeLeftover(engine, former);
}

/** Only what has no name any more: an image that somebody else has tagged so, or tagged as well, is theirs. */
async function removeLeftover(engine: Transport, id: string): Promise<void> {
  try {
    const { Config, RepoTags } = await inspectImage(engine, id);
    if (Config?.Labels?.[LABEL.scale] !== undefined && !RepoTags?.length) await removeImage(engine, id);
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
}
