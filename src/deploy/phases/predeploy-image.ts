import { commitContainer, removeImage } from "../../engine/image-tags.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { relabelImage } from "../../release/relabel-image.ts";
import { commitTag, predeployTag } from "../../release/tags.ts";

/**
 * The image that a container was made of, with what the container has changed of its files, and nothing else of it: the
 * engine's own commit adds the container's variables and its command, and does not let them be taken away.
 * @returns its id.
 */
export async function commitChanges(
  engine: Transport,
  container: string,
  image: ImageDetails,
  app: string,
): Promise<string> {
  const config = image.Config ?? {};
  const draft = commitTag(app);
  const tag = predeployTag(app);
  // What others have left: had their tags gone to something else, nobody would know what they are any more.
  for (const old of [draft, tag]) await removeImage(engine, old);
  await commitContainer(engine, container, config, draft);
  try {
    const { Id, Created, RootFS } = await inspectImage(engine, draft);
    const changed: ImageDetails = { ...image, Id, ...(Created && { Created }), ...(RootFS && { RootFS }) };
    return await relabelImage(engine, changed, { config, tag, history: withoutCommand });
  } finally {
    await removeImage(engine, draft);
  }
}

/** The newest entry has the command, and with it whatever is written there. */
const withoutCommand = <Row extends { readonly CreatedBy: string }>([newest, ...others]: readonly Row[]): Row[] =>
  newest ? [{ ...newest, CreatedBy: "oneoff deploy: predeploy" }, ...others] : others;
