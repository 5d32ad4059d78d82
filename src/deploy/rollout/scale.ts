import { isProcessType } from "../../app/procfile.ts";
import { removeImage } from "../../engine/image-tags.ts";
import { idOfImage, inspectImage } from "../../engine/images.ts";
import { readLabel, writeLabel } from "../../engine/label-images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { badScale } from "../../errors/processes.ts";
import { LABEL } from "../../identity/labels.ts";

const SCALE_TAG = "scale";

/** The image whose label says what `oneoff scale` has set: so all who deploy to an engine know it. */
export const scaleImage = (app: string) => `oneoff/${app}:${SCALE_TAG}`;

export async function readScale(engine: Transport, app: string): Promise<Scale> {
  const text = await readLabel(engine, scaleImage(app), LABEL.scale);
  return parseScale(text ? text.split(" ") : []);
}

export async function writeScale(engine: Transport, app: string, scale: Scale): Promise<void> {
  const former = await idOfImage(engine, scaleImage(app));
  await writeLabel(engine, `oneoff/${app}`, SCALE_TAG, LABEL.scale, scaleText(scale));
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

/** How many processes of each type somebody wants. */
export type Scale = ReadonlyMap<string, number>;

/** @param words `web=2` and the like; the last one for a type counts. */
export function parseScale(words: readonly string[]): Scale {
  return new Map(
    words.map((word) => {
      const [, type = "", quantity = ""] = /^([^=]+)=(\d{1,4})$/.exec(word) ?? [];
      if (!isProcessType(type)) throw badScale(word);
      return [type, Number(quantity)];
    }),
  );
}

/** `web=2 worker=1` */
export const scaleText = (scale: Scale) => Array.from(scale, ([type, quantity]) => `${type}=${quantity}`).join(" ");
