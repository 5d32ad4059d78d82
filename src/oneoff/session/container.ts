import { containerPart } from "../../app/app-name.ts";
import { createContainer, removeContainer, renameContainer } from "../../engine/containers.ts";
import { inDialect } from "../../engine/dialect.ts";
import { isMissingImage, isNameTaken } from "../../engine/refusal.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import { linksNotCopied, nameTaken, noLinks } from "../../errors/session.ts";
import { candidateNames, disownedName } from "../../identity/names.ts";
import type { Report } from "../../output/events.ts";
import { type PullContext, pull } from "../pull.ts";
import type { OneoffSpec } from "../spec/spec.ts";

/** A container of ours that has not been started. */
export interface OneoffContainer {
  readonly id: string;
  /** `run.7364` */
  readonly name: string;
  /** The engine's name for it: `my-app.run.7364`. */
  readonly containerName: string;
}

export interface CreateContext extends PullContext {
  readonly random: () => number;
  readonly pull: "never" | "missing" | "always";
  /** Rejects when there is no longer any point in pulling. */
  readonly interrupted?: Promise<never>;
}

/** Creates the container under the first name that is free: the engine itself keeps names unique. */
export async function createOneoff(context: CreateContext, spec: OneoffSpec): Promise<OneoffContainer> {
  checkLinks(context.engine, spec);
  if (context.pull === "always") await pullUnlessInterrupted(context, spec.image);
  for (const name of candidateNames(context.random, spec.series)) {
    const containerName = spec.containerName ?? `${containerPart(spec.app)}.${name}`;
    try {
      const { Id, Warnings } = await createOrPull(context, spec, name, containerName);
      await checkLinksOf(context, spec, { id: Id, name, containerName });
      for (const text of [...(Warnings ?? []), ...lostLinks(context.engine, spec)]) context.report(warning(text));
      return { id: Id, name, containerName };
    } catch (error) {
      if (!isNameTaken(error)) throw error;
      if (spec.containerName) throw nameTaken(spec.containerName, error);
    }
  }
  throw new Error("unreachable: there is always another name");
}

/** Podman takes links for a network, and ignores them. */
function checkLinks(
  { dialect }: Transport,
  {
    links: {
      asked: [link],
    },
  }: OneoffSpec,
): void {
  if (link !== undefined && !dialect.resolvesLinks) throw noLinks(link);
}

/** The engine may not have said what it is before the create. */
async function checkLinksOf({ engine, report }: CreateContext, spec: OneoffSpec, container: OneoffContainer) {
  try {
    checkLinks(engine, spec);
  } catch (error) {
    await discard(engine, report, container);
    throw error;
  }
}

const lostLinks = ({ dialect }: Transport, { links: { copied } }: OneoffSpec): string[] =>
  dialect.resolvesLinks || copied.length === 0 ? [] : [linksNotCopied(copied)];

async function createOrPull(context: CreateContext, spec: OneoffSpec, name: string, containerName: string) {
  const { engine } = context;
  const create = () => inDialect(engine, (dialect) => createContainer(engine, containerName, spec.body(name, dialect)));
  try {
    return await create();
  } catch (error) {
    // Refused for its image, nothing was created: to ask again is safe.
    if (context.pull !== "missing" || !isMissingImage(error)) throw error;
    await pullUnlessInterrupted(context, spec.image);
    return await create();
  }
}

/** May take minutes, and leaves nothing of ours behind: it can be left at any time. */
async function pullUnlessInterrupted(context: CreateContext, image: string): Promise<void> {
  const pulled = pull(context, image);
  await (context.interrupted ? Promise.race([pulled, context.interrupted]) : pulled);
}

/** Removes what has not been started, or cannot be left. The engine may have done so already, or be at it. */
export async function discard(
  engine: Transport,
  report: Report,
  { id, containerName }: OneoffContainer,
): Promise<void> {
  try {
    await removeContainer(engine, id);
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    report(warning(because(`${containerName} could not be removed`, error)));
  }
}

/**
 * Says that it runs on without us because somebody wanted it to: labels cannot be changed, a name can. Whoever reaps
 * what has lost its owner leaves it alone.
 */
export async function disown(engine: Transport, report: Report, { id, containerName }: OneoffContainer): Promise<void> {
  try {
    await renameContainer(engine, id, disownedName(containerName));
  } catch (error) {
    // It may have ended at this very moment.
    if (isRefusal(error, 404)) return;
    report(warning(because(`${containerName} could not be renamed`, error)));
  }
}
