import { tagImage } from "../../engine/image-tags.ts";
import { swarmTag } from "../../release/tags.ts";
import type { DeployContext } from "../deploy-steps.ts";

/** How the nodes of a Swarm get the image of a release. */
export type Publication = { readonly by: "nodes" };

/** Makes the image of a release available to the nodes. @returns its name in the specs of services. */
export async function publishImage(
  { engine }: DeployContext,
  _publication: Publication,
  { app, number, imageId }: { readonly app: string; readonly number: number; readonly imageId: string },
): Promise<string> {
  await tagImage(engine, imageId, swarmTag(app, number));
  return imageId;
}
