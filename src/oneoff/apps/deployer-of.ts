import type { Deployer } from "../../app/app.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { notDeployedHere } from "../../errors/apps.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import { findCandidates, unqualifiedName } from "./find.ts";
import type { ManifestFile } from "./manifest-file.ts";
import { unknownAppError } from "./resolve.ts";

/**
 * What deployed an app; undefined for one that only oneoff.yaml describes. Only asked where nothing was found to act on.
 * @param command what was asked of it, for the error.
 * @throws OneoffError for an app that does not exist.
 */
export async function findDeployer(
  engine: Transport,
  picked: string,
  found: ManifestFile | undefined,
  command: string,
): Promise<Deployer | undefined> {
  const name = unqualifiedName(picked);
  const described = found?.manifest.apps.get(picked);
  const [images, ours, candidates] = await Promise.all([
    listImages(engine, `oneoff/${name}`),
    listOwn(engine, { label: [`${LABEL.app}=${name}`] }),
    findCandidates(engine, described?.from ?? picked),
  ]);
  const isOurs = images.some(({ RepoTags }) => RepoTags?.some((tag) => tag.startsWith(`oneoff/${name}:`)));
  // A lock of the app's is held by who asks.
  const isPart = ({ Labels }: ContainerSummary) =>
    Labels[LABEL.app] === name && ["process", "phase", "run"].includes(Labels[LABEL.kind] ?? "");
  if (isOurs || ours.some(isPart)) return "oneoff";
  const [candidate] = candidates;
  if (!candidate && !described) throw await unknownAppError(engine, picked, found, command);
  return candidate?.from;
}

/** @throws OneoffError for an app that does not exist, and for one that something else deployed: that has to change it. */
export async function requireOwnApp(
  engine: Transport,
  app: string,
  found: ManifestFile | undefined,
  command: "scale" | "ps:stop" | "destroy" | "start" | "restart" | "rollback",
): Promise<void> {
  const deployer = await findDeployer(engine, app, found, command);
  if (deployer !== undefined && deployer !== "oneoff") throw notDeployedHere(app, deployer, command);
}
