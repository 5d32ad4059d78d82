import { containerPart } from "../../app/app-name.ts";
import { createContainer, removeContainer, renameContainer } from "../../engine/containers.ts";
import { hasImage } from "../../engine/images.ts";
import { withQuirks } from "../../engine/quirks.ts";
import { isMissingImage, isNameTaken, isOtherPlatform } from "../../engine/refusal.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import { linksNotCopied, nameTaken, noGpus, noLinks } from "../../errors/session.ts";
import { candidateNames, detachedName } from "../../identity/names.ts";
import type { Report } from "../../output/events.ts";
import type { LockContext } from "../locks/lock.ts";
import { type PullContext, pull } from "../pull.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import type { Surroundings } from "./surroundings.ts";

/** A container that oneoff created and has not started. */
export interface OneoffContainer {
  readonly id: string;
  /** `run.7364` */
  readonly name: string;
  /** The engine's name: `my-app.run.7364`. */
  readonly containerName: string;
}

export interface CreateContext extends PullContext, Pick<LockContext, "owner" | "manager"> {
  readonly random: () => number;
  readonly pull: "never" | "missing" | "always";
  readonly surroundings?: Surroundings | undefined;
}

/** Creates the container, and before it what surrounds it. */
export async function createOneoff(context: CreateContext, spec: OneoffSpec): Promise<OneoffContainer> {
  checkSupport(context.engine, spec);
  if (context.pull === "always") await pull(context, spec.image, spec.platform);
  const { surroundings } = context;
  if (!surroundings) return await createNamed(context, spec);
  try {
    const isPrepared = await providesImage(context, spec);
    return await createNamed(context, spec, isPrepared ? surroundings : undefined);
  } catch (error) {
    await surroundings.abandon();
    throw error;
  }
}

/** Without an image nothing is prepared: the create fails, or the image is pulled now. */
async function providesImage(context: CreateContext, spec: OneoffSpec): Promise<boolean> {
  if (await hasImage(context.engine, spec.image)) return true;
  if (context.pull !== "missing") return false;
  await pull(context, spec.image, spec.platform);
  return true;
}

/** Creates the container under the first free name: the engine guarantees that names are unique. */
async function createNamed(
  context: CreateContext,
  spec: OneoffSpec,
  surroundings?: Surroundings,
): Promise<OneoffContainer> {
  for (const name of candidateNames(context.random, spec.series)) {
    const containerName = spec.containerName ?? `${containerPart(spec.app)}.${name}`;
    try {
      if (surroundings && !(await surroundings.prepare(spec, context, name))) continue;
      const { Id, Warnings } = await createOrPull(context, spec, name, containerName);
      await checkSupportAfterCreate(context, spec, { id: Id, name, containerName });
      for (const text of [...(Warnings ?? []), ...linkWarnings(context.engine, spec)]) context.report(warning(text));
      return { id: Id, name, containerName };
    } catch (error) {
      if (!isNameTaken(error)) throw error;
      if (spec.containerName) throw nameTaken(spec.containerName, error);
    }
  }
  throw new Error("unreachable: there is always another name");
}

/** Podman accepts links for a network and GPUs, and ignores them. */
function checkSupport({ quirks }: Transport, { links, usesGpus }: OneoffSpec): void {
  const [link] = links.requested;
  if (link !== undefined && !quirks.resolvesLinks) throw noLinks(link);
  if (usesGpus && !quirks.suppliesGpus) throw noGpus();
}

/** Before the first create, the engine may not be identified yet. */
async function checkSupportAfterCreate(
  { engine, report }: CreateContext,
  spec: OneoffSpec,
  container: OneoffContainer,
) {
  try {
    checkSupport(engine, spec);
  } catch (error) {
    await discardContainer(engine, report, container);
    throw error;
  }
}

const linkWarnings = ({ quirks }: Transport, { links: { copied } }: OneoffSpec): string[] =>
  quirks.resolvesLinks || copied.length === 0 ? [] : [linksNotCopied(copied)];

async function createOrPull(context: CreateContext, spec: OneoffSpec, name: string, containerName: string) {
  const { engine } = context;
  const create = () =>
    withQuirks(engine, (quirks) => createContainer(engine, containerName, spec.body(name, quirks), spec.platform));
  try {
    return await create();
  } catch (error) {
    // The engine refused the image and created nothing, so the create can be retried.
    if (context.pull !== "missing" || !(isMissingImage(error) || isOtherPlatform(error))) throw error;
    await pull(context, spec.image, spec.platform);
    return await create();
  }
}

/** Removes a container that was not started or cannot be left running. The engine may already have removed it. */
export async function discardContainer(
  engine: Transport,
  report: Report,
  { id, containerName }: OneoffContainer,
): Promise<void> {
  try {
    await removeContainer(engine, id);
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    report(warning(because(`cannot remove ${containerName}`, error)));
  }
}

/**
 * Renames a one-off that continues detached, so that reaping leaves it alone. The engine cannot change labels of a
 * container.
 */
export async function markDetached(
  engine: Transport,
  report: Report,
  { id, containerName }: OneoffContainer,
): Promise<void> {
  try {
    await renameContainer(engine, id, detachedName(containerName));
  } catch (error) {
    // The container may just have exited.
    if (isRefusal(error, 404)) return;
    report(warning(because(`cannot rename ${containerName}`, error)));
  }
}
