import { isRefusal } from "../errors/engine.ts";
import { importNothing } from "./image-tags.ts";
import { inspectImage } from "./images.ts";
import type { Transport } from "./transport.ts";

/**
 * `POST /images/create`: stores a value on the engine as the label of an empty image. Its tag moves atomically,
 * also with concurrent writers.
 * @param value without quotes and backslashes.
 */
export async function writeLabel(engine: Transport, repo: string, tag: string, label: string, value: string) {
  await importNothing(engine, `${repo}:${tag}`, `LABEL ${label}="${value}"`);
}

/** @returns undefined without such an image or label. */
export async function readLabel(engine: Transport, image: string, label: string): Promise<string | undefined> {
  try {
    return (await inspectImage(engine, image)).Config?.Labels?.[label];
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}
