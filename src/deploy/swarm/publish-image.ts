import { enginePlatform } from "../../engine/build.ts";
import { tagImage } from "../../engine/image-tags.ts";
import type { PullProgress } from "../../engine/image-types.ts";
import { hasImage, loadImages } from "../../engine/images.ts";
import { pushImage } from "../../engine/push.ts";
import { imageNotOnNode } from "../../errors/swarm-deploy.ts";
import { LayerProgress } from "../../oneoff/pull.ts";
import { pushedTag, swarmTag } from "../../release/tags.ts";
import type { DeployContext } from "../deploy-steps.ts";
import { runTimedStep } from "../execute.ts";
import type { Publication, PublishNode } from "./publication.ts";

export interface ImageToPublish {
  readonly app: string;
  /** The number of the release. */
  readonly number: number;
  readonly imageId: string;
}

/** Makes the image of a release available to the nodes. @returns its name in the specs of services. */
export async function publishImage(
  context: DeployContext,
  publication: Publication,
  image: ImageToPublish,
): Promise<string> {
  if (publication.by === "digest") return publication.image;
  if (publication.by === "push") {
    const { repository, tag } = publication;
    const name = tag === undefined ? pushedTag(repository, image.number) : `${repository}:${tag}`;
    return await runTimedStep(context, "push", undefined, () => push(context, repository, name, image.imageId));
  }
  await tagImage(context.engine, image.imageId, swarmTag(image.app, image.number));
  const { nodes } = publication;
  if (nodes.length === 0) return image.imageId;
  return await runTimedStep(context, "load", undefined, async () => {
    for (const node of nodes) await loadOnNode(context, node, image);
    return image.imageId;
  });
}

/** @returns the image, pinned by its digest. */
async function push(context: DeployContext, repository: string, image: string, imageId: string): Promise<string> {
  const { engine, report, credentials, signal } = context;
  await tagImage(engine, imageId, image);
  using layers = new LayerProgress(report);
  const onProgress = (progress: PullProgress) => {
    if (progress.id) layers.show(progress.id, progress);
    else if (progress.status) report({ type: "push", image, status: progress.status });
  };
  return `${repository}@${await pushImage(engine, image, credentials, onProgress, signal)}`;
}

/** Copies an image through oneoff, with a tag that keeps it. */
async function loadOnNode(context: DeployContext, node: PublishNode, { app, number, imageId }: ImageToPublish) {
  const { engine, report, signal } = context;
  const tag = swarmTag(app, number);
  if (await hasImage(node.engine, imageId)) return await tagImage(node.engine, imageId, tag);
  const { stream } = await engine.send({ method: "GET", path: `/images/${tag}/get`, signal, isOpenEnded: true });
  // Negotiates the API version first, because a request with a stream cannot be repeated.
  await enginePlatform(node.engine);
  const progress = { type: "progress", operation: "load", item: node.name, total: undefined } as const;
  let current = 0;
  const counted = async function* () {
    for await (const chunk of stream) {
      current += chunk.length;
      report({ ...progress, current });
      yield chunk as Buffer;
    }
  };
  try {
    await loadImages(node.engine, counted, signal);
  } finally {
    report({ ...progress, current, finished: true });
  }
  // With another image store, the same image has another ID.
  if (!(await hasImage(node.engine, imageId))) throw imageNotOnNode(node.name, tag);
}
