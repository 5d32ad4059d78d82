import { listContainers } from "../engine/containers.ts";
import type { Transport } from "../engine/transport.ts";
import type { ContainerSummary } from "../engine/types.ts";
import { LABEL } from "./labels.ts";
import { isCreatedName } from "./names.ts";

export type Labels = Readonly<Record<string, string>>;

/** Every label that oneoff reads from a container. */
const READ_LABELS: readonly string[] = [
  ...[LABEL.app, LABEL.name, LABEL.kind, LABEL.processType, LABEL.displaces, LABEL.settings, LABEL.command],
  ...[LABEL.owner, LABEL.timeout, LABEL.retain, LABEL.onDisconnect, LABEL.lock, LABEL.holder, LABEL.release],
];

/** All labels with empty values: a label that is not set would be inherited from the image. */
export const NO_LABELS: Labels = Object.fromEntries([LABEL.container, ...READ_LABELS].map((key) => [key, ""]));

/** The labels of a container with this name. @param labels labels with values. */
export const ownLabels = (containerName: string, labels: Labels): Labels => ({
  ...NO_LABELS,
  ...labels,
  [LABEL.container]: containerName,
});

/** @returns undefined also for an empty value. */
export const labelOf = (labels: Labels, key: string): string | undefined => labels[key] || undefined;

/** The name without its slash; links add names that contain a slash. Empty while the engine removes the container. */
export const containerNameOf = ({ Names }: Pick<ContainerSummary, "Names">): string =>
  Names.map((name) => name.replace(/^\//, "")).find((name) => !name.includes("/")) ?? "";

/** Whether oneoff created the container: labels alone may be inherited from an image or copied from a container. */
export const isOwn = (container: Pick<ContainerSummary, "Names" | "Labels">): boolean =>
  isOwnName(containerNameOf(container), container.Labels);

export const isOwnName = (containerName: string, labels: Labels): boolean =>
  isCreatedName(labels[LABEL.container] ?? "", containerName);

/**
 * Whether a container inherits all labels of oneoff from its image. A container of oneoff differs from its image in at
 * least one: its name, owner, held lock or release.
 */
export const inheritsLabels = (labels: Labels, ofImage: Labels): boolean =>
  Object.keys(NO_LABELS).every((key) => (labels[key] ?? "") === (ofImage[key] ?? ""));

/** Labels of an image without labels of containers, which would make its containers look like copies. */
export const withoutOwnLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !(key in NO_LABELS)));

/** The containers that oneoff created, judged by labels and names. */
export const listOwn = async (
  engine: Transport,
  filters: Parameters<typeof listContainers>[1],
): Promise<ContainerSummary[]> => (await listContainers(engine, filters)).filter(isOwn);
