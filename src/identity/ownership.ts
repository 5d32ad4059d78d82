import { listContainers } from "../engine/containers.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { LABEL } from "./labels.ts";
import { hasKeptName } from "./names.ts";

export type Labels = Readonly<Record<string, string>>;

/** Every label that is read from a container. */
const READ: readonly string[] = [
  ...[LABEL.app, LABEL.name, LABEL.kind, LABEL.processType, LABEL.displaces, LABEL.settings, LABEL.command],
  ...[LABEL.owner, LABEL.timeout, LABEL.retain, LABEL.onDisconnect, LABEL.lock, LABEL.holder, LABEL.release],
];

/** All of them without a value: what a container, or an image, is not given itself it inherits. */
export const NO_LABELS: Labels = Object.fromEntries([LABEL.container, ...READ].map((key) => [key, ""]));

/** The labels of a container that oneoff creates under a name. @param labels those that have a value. */
export const ownLabels = (containerName: string, labels: Labels): Labels => ({
  ...NO_LABELS,
  ...labels,
  [LABEL.container]: containerName,
});

/** @returns undefined also for an empty value. */
export const labelOf = (labels: Labels, key: string): string | undefined => labels[key] || undefined;

/** Without its slash; a link gives a container more names, with a slash in them. Empty while the engine removes it. */
export const containerNameOf = ({ Names }: Pick<ContainerSummary, "Names">): string =>
  Names.map((name) => name.replace(/^\//, "")).find((name) => !name.includes("/")) ?? "";

/** Whether oneoff has created a container: labels alone may be its image's, or copied from another container. */
export const isOwn = (container: Pick<ContainerSummary, "Names" | "Labels">): boolean =>
  isOwnName(containerNameOf(container), container.Labels);

export const isOwnName = (containerName: string, labels: Labels): boolean =>
  hasKeptName(labels[LABEL.container] ?? "", containerName);

/**
 * Whether a container has all of oneoff's labels from its image. What oneoff creates differs from any image in one at
 * least: in its name, its owner, what it holds, or its release.
 */
export const inheritsLabels = (labels: Labels, ofImage: Labels): boolean =>
  Object.keys(NO_LABELS).every((key) => (labels[key] ?? "") === (ofImage[key] ?? ""));

/** Labels of an image without those that only a container has: a process of it would look like a copy of another. */
export const withoutOwnLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !(key in NO_LABELS)));

/** Those that oneoff has created, as far as their labels and names tell. */
export const listOwn = async (
  engine: Transport,
  filters: Parameters<typeof listContainers>[1],
): Promise<ContainerSummary[]> => (await listContainers(engine, filters)).filter(isOwn);
