import { findImage } from "../../engine/images.ts";
import { splitReference } from "../../engine/pull.ts";
import { authFor, type Credentials, HUB, serverOf } from "../../engine/registry.ts";
import { imageDigest } from "../../engine/swarm/distribution.ts";
import type { Transport } from "../../engine/transport.ts";
import { OneoffError } from "../../errors/error.ts";
import { badPush } from "../../errors/swarm-deploy.ts";
import type { PlannedStep } from "../../output/events.ts";

/** The engine of a node. */
export interface PublishNode {
  readonly name: string;
  readonly engine: Transport;
}

/** How the nodes of a Swarm get the image of a release. */
export type Publication =
  /** The registry has it. @param image pinned by digest. */
  | { readonly by: "digest"; readonly image: string }
  /** @param repository without a tag. @param tag of the image; absent for an image that the deploy makes. */
  | { readonly by: "push"; readonly repository: string; readonly tag?: string }
  /** Loaded through the engines of the other nodes, and named by its ID. */
  | { readonly by: "load"; readonly nodes: readonly PublishNode[] };

export interface PublicationFacts {
  /** `--push` */
  readonly push: string | undefined;
  /** The image that is deployed; undefined if it is built or loaded. */
  readonly reference: string | undefined;
  /** Whether the deploy makes an image of its own: by a build or by predeploy. */
  readonly isNew: boolean;
}

/** @returns undefined if no registry is named: the nodes get the image from this node. */
export async function findRegistry(
  { engine, credentials }: { readonly engine: Transport; readonly credentials?: Credentials },
  { push, reference, isNew }: PublicationFacts,
): Promise<Extract<Publication, { by: "digest" | "push" }> | undefined> {
  if (!isNew && reference !== undefined && push === undefined) {
    const image = await pinnedImage(engine, credentials, reference);
    if (image !== undefined) return { by: "digest", image };
  }
  if (push !== undefined && !namesRegistry(push)) throw badPush(push);
  const named = push ?? (reference !== undefined && namesRegistry(reference) ? reference : undefined);
  if (named === undefined) return undefined;
  const [repository, tag] = splitReference(named);
  const hasTag = named !== repository && !named.includes("@");
  return { by: "push", repository: repository.replace(/@.*/s, ""), ...(!isNew && hasTag && tag && { tag }) };
}

/** The image of a registry that this image was pulled from or pushed to, if the registry still has it. */
async function pinnedImage(engine: Transport, credentials: Credentials | undefined, reference: string) {
  const [repository] = splitReference(reference);
  const { RepoDigests } = (await findImage(engine, reference)) ?? {};
  const pinned = RepoDigests?.find((one) => one.startsWith(`${repository.replace(/@.*/s, "")}@`));
  if (pinned === undefined) return undefined;
  try {
    await imageDigest(engine, pinned, (await authFor(reference, credentials)).header);
    return pinned;
  } catch (error) {
    if (!(error instanceof OneoffError)) throw error;
    return undefined;
  }
}

/** Whether a name has a registry: `app:v1` and `acme/app:v1` have none. */
const namesRegistry = (image: string) =>
  serverOf(image) !== HUB || /^(?:index\.|registry-1\.)?docker\.io\//.test(image);

/** The steps of a deploy, with the one that publishes the image: after predeploy, and before anything that is not undone. */
export function withPublication(steps: readonly PlannedStep[], publication: Publication): PlannedStep[] {
  const at = steps.findIndex(({ step }) => step === "predeploy") + 1;
  const command =
    publication.by === "push"
      ? publication.repository
      : publication.by === "load" && publication.nodes.map(({ name }) => name).join(", ");
  const step = command ? [{ step: publication.by, command, skipReason: undefined }] : [];
  return [...steps.slice(0, at), ...step, ...steps.slice(at)];
}
