import { isAppName, mayBeApp } from "../../app/app-name.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isUnknownOneoff } from "../../errors/oneoff.ts";
import { oneoffName } from "../../identity/names.ts";
import { latestTag } from "../../release/tags.ts";
import { findOneoff } from "../lookup/find-oneoff.ts";
import { findMatches } from "./find.ts";
import type { ManifestFile } from "./manifest-file.ts";

/**
 * Whether a word that matches no one-off is the name of an app without one-offs.
 * @throws OneoffError for a container that oneoff did not create
 */
export async function isIdleApp(
  engine: Transport,
  word: string,
  manifestFile: ManifestFile | undefined,
): Promise<boolean> {
  if (manifestFile?.manifest.apps.has(word)) return true;
  if (oneoffName(word) !== undefined || !mayBeApp(word)) return false;
  try {
    await findOneoff(engine, word);
  } catch (error) {
    if (!isUnknownOneoff(error)) throw error;
  }
  const [released, { candidates, services }] = await Promise.all([
    isAppName(word) ? listImages(engine, latestTag(word)) : [],
    findMatches(engine, word),
  ]);
  return released.length + candidates.length + services.length > 0;
}
