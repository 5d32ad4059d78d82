import { isProcessType } from "../../app/procfile.ts";
import { removeImage } from "../../engine/image-tags.ts";
import { idOfImage, inspectImage } from "../../engine/images.ts";
import { readLabel, writeLabel } from "../../engine/label-images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { badScale } from "../../errors/processes.ts";
import { LABEL } from "../../identity/labels.ts";

const SCALE_TAG = "scale";

/** The image whose label stores the scale, so that all clients of an engine share it. */
export const scaleImage = (app: string) => `oneoff/${app}:${SCALE_TAG}`;

export async function readScale(engine: Transport, app: string): Promise<Scale> {
  return parseScaleText(await readLabel(engine, scaleImage(app), LABEL.scale));
}

/** @param text of the label; undefined without one. */
export const parseScaleText = (text: string | undefined): Scale => parseScale(text ? text.split(" ") : []);

export async function writeScale(engine: Transport, app: string, scale: Scale): Promise<void> {
  const oldId = await idOfImage(engine, scaleImage(app));
  await writeLabel(engine, `oneoff/${app}`, SCALE_TAG, LABEL.scale, scaleText(scale));
  if (oldId !== undefined) await removeLeftover(engine, oldId);
}

/** Only if it has no tags: an image with another tag belongs to the user. */
async function removeLeftover(engine: Transport, id: string): Promise<void> {
  try {
    const { Config, RepoTags } = await inspectImage(engine, id);
    if (Config?.Labels?.[LABEL.scale] !== undefined && !RepoTags?.length) await removeImage(engine, id);
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
}

/** Process quantities by type. */
export type Scale = ReadonlyMap<string, number>;

/** @param args e.g. `web=2`; the last one for a type takes precedence. */
export function parseScale(args: readonly string[]): Scale {
  return new Map(
    args.map((arg) => {
      const [, type = "", quantity = ""] = /^([^=]+)=(\d{1,4})$/.exec(arg) ?? [];
      if (!isProcessType(type)) throw badScale(arg);
      return [type, Number(quantity)];
    }),
  );
}

/** `web=2 worker=1` */
export const scaleText = (scale: Scale) => Array.from(scale, ([type, quantity]) => `${type}=${quantity}`).join(" ");
