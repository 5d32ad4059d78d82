import { idOfImage, inspectImage } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import { EngineRefused, isRefusal } from "../errors/engine.ts";
import { LABEL } from "../identity/labels.ts";
import { isRelease, releaseNumber } from "./release-image.ts";
import { latestTag } from "./tags.ts";

/** The live release of an app. */
export interface LiveRelease {
  /** `7` of `v7` */
  readonly number: number;
  /** Whether it is based on the given image; also true if the engine no longer has that image. */
  readonly isFromImage: boolean;
}

/**
 * The live release of an app; undefined without one, and for an image that was only tagged like a
 * release. Without an engine it is undefined; other requests report that.
 * @param image the image in oneoff.yaml.
 */
export async function liveRelease(engine: Transport, app: string, image: string): Promise<LiveRelease | undefined> {
  try {
    const live = await inspectImage(engine, latestTag(app));
    const { [LABEL.releaseBase]: base } = live.Config?.Labels ?? {};
    const number = releaseNumber(app, live.Config?.Labels);
    if (number === undefined || !(await isRelease(engine, app, number, live))) return undefined;
    return { number, isFromImage: ((await idOfImage(engine, image)) ?? base) === base };
  } catch (error) {
    if (error instanceof EngineRefused && !isRefusal(error, 404)) throw error;
    return undefined;
  }
}
