import { inspectImage } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { isRefusal } from "../errors/engine.ts";
import { inheritsLabels, isOwn, type Labels, listOwn } from "./ownership.ts";

/** The labels of an image ID never change, so one inspect per image is enough. */
const labelCaches = new WeakMap<Transport, Map<string, Promise<Labels>>>();

/**
 * Filters containers that only look like oneoff's: `docker commit` copies the labels of a container to an image, and
 * a container of that image may get the name in the labels. Required before a container is stopped, removed
 * or renamed: lists of containers do not include labels of images.
 */
export async function excludeCopies(
  engine: Transport,
  containers: readonly ContainerSummary[],
): Promise<ContainerSummary[]> {
  const checks = containers.map(async (one) =>
    isOwn(one) && inheritsLabels(one.Labels, await imageLabels(engine, one.ImageID)) ? [] : [one],
  );
  return (await Promise.all(checks)).flat();
}

/** The containers that oneoff created, for commands that change them. */
export const listVerifiedOwn = async (
  engine: Transport,
  filters: Parameters<typeof listOwn>[1],
): Promise<ContainerSummary[]> => await excludeCopies(engine, await listOwn(engine, filters));

/** Saves the inspect of an image whose labels are known from a list. */
export const noteImageLabels = (engine: Transport, id: string, labels: Labels): void =>
  void labelCache(engine).set(id, Promise.resolve(labels));

function imageLabels(engine: Transport, id: string): Promise<Labels> {
  const known = labelCache(engine);
  const labels = known.get(id) ?? readLabels(engine, id);
  known.set(id, labels);
  return labels;
}

function labelCache(engine: Transport): Map<string, Promise<Labels>> {
  const cache = labelCaches.get(engine) ?? new Map<string, Promise<Labels>>();
  labelCaches.set(engine, cache);
  return cache;
}

async function readLabels(engine: Transport, id: string): Promise<Labels> {
  try {
    return (await inspectImage(engine, id)).Config?.Labels ?? {};
  } catch (error) {
    // Removed by force while a container used it.
    if (isRefusal(error, 404)) return {};
    throw error;
  }
}
