import { idOfImage, inspectImage } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import { EngineRefused, isRefusal } from "../errors/engine.ts";
import { LABEL } from "../identity/labels.ts";
import { isRelease, releaseNumber } from "./release-image.ts";
import { releaseImage } from "./tags.ts";

/** What is live of an app that oneoff has deployed. */
export interface LiveRelease {
  /** `7` of `v7` */
  readonly number: number;
  /** Whether it was made of the image in question; also true where the engine does not have that any more. */
  readonly isOf: boolean;
}

/**
 * What is live of an app, whoever has deployed it; undefined where nothing is, and for an image that was only tagged as if
 * it was. Where there is no engine nothing is known: whoever needs it will say so.
 * @param image the one that is described.
 */
export async function liveRelease(engine: Transport, app: string, image: string): Promise<LiveRelease | undefined> {
  try {
    const live = await inspectImage(engine, releaseImage(app));
    const { [LABEL.releaseBase]: base } = live.Config?.Labels ?? {};
    const number = releaseNumber(app, live.Config?.Labels);
    if (number === undefined || !(await isRelease(engine, app, number, live))) return undefined;
    return { number, isOf: ((await idOfImage(engine, image)) ?? base) === base };
  } catch (error) {
    if (error instanceof EngineRefused && !isRefusal(error, 404)) throw error;
    return undefined;
  }
}
