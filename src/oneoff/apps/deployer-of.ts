import type { Deployer } from "../../app/app.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { notDeployedHere } from "../../errors/apps.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import { findCandidates, unqualifiedName } from "./find.ts";
import type { ManifestFile } from "./manifest-file.ts";
import { unknownAppError } from "./unknown-app.ts";

/**
 * Finds the deployer of an app without processes to act on; undefined if only oneoff.yaml describes the app.
 * @param command for the error.
 * @throws OneoffError for an unknown app
 */
export async function findDeployer(
  engine: Transport,
  appName: string,
  manifestFile: ManifestFile | undefined,
  command: string,
): Promise<Deployer | undefined> {
  const name = unqualifiedName(appName);
  const described = manifestFile?.manifest.apps.get(appName);
  const [images, ownContainers, candidates] = await Promise.all([
    listImages(engine, `oneoff/${name}`),
    listOwn(engine, { label: [`${LABEL.app}=${name}`] }),
    findCandidates(engine, described?.from ?? appName),
  ]);
  const hasRelease = images.some(({ RepoTags }) => RepoTags?.some((tag) => tag.startsWith(`oneoff/${name}:`)));
  // Locks do not count as parts of the app, because the running command holds one.
  const isPart = ({ Labels }: ContainerSummary) =>
    Labels[LABEL.app] === name && ["process", "phase", "run"].includes(Labels[LABEL.kind] ?? "");
  if (hasRelease || ownContainers.some(isPart)) return "oneoff";
  const [candidate] = candidates;
  if (!candidate && !described) throw await unknownAppError(engine, appName, manifestFile, command);
  return candidate?.from;
}

/** @throws OneoffError for an unknown app, and for an app with another deployer, which has to make the change */
export async function requireOwnApp(
  engine: Transport,
  app: string,
  manifestFile: ManifestFile | undefined,
  command: "scale" | "ps:stop" | "destroy" | "start" | "restart" | "rollback",
): Promise<void> {
  const deployer = await findDeployer(engine, app, manifestFile, command);
  if (deployer !== undefined && deployer !== "oneoff") throw notDeployedHere(app, deployer, command);
}
