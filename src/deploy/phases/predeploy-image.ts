import { commitContainer, removeImage } from "../../engine/image-tags.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { relabelImage } from "../../release/relabel-image.ts";
import { commitTag, predeployTag } from "../../release/tags.ts";

/**
 * Creates an image with the files that a container changed, but with the Config of its original image: a commit by the
 * engine also adds the variables and command of the container, and has no option to exclude them.
 * @returns its ID.
 */
export async function commitChanges(
  engine: Transport,
  container: string,
  image: ImageDetails,
  app: string,
): Promise<string> {
  const config = image.Config ?? {};
  const temporaryTag = commitTag(app);
  const tag = predeployTag(app);
  // Removes leftovers of a killed deploy first: an image that loses its tag could not be identified.
  for (const old of [temporaryTag, tag]) await removeImage(engine, old);
  await commitContainer(engine, container, config, temporaryTag);
  try {
    const { Id, Created, RootFS } = await inspectImage(engine, temporaryTag);
    const changedImage: ImageDetails = { ...image, Id, ...(Created && { Created }), ...(RootFS && { RootFS }) };
    return await relabelImage(engine, changedImage, { config, tag, history: withoutCommand });
  } finally {
    await removeImage(engine, temporaryTag);
  }
}

/** The newest entry contains the command, which may contain secrets. */
const withoutCommand = <Row extends { readonly CreatedBy: string }>([newest, ...others]: readonly Row[]): Row[] =>
  newest ? [{ ...newest, CreatedBy: "oneoff deploy: predeploy" }, ...others] : others;
