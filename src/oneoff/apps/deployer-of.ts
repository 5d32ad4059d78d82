import type { Deployer } from "../../app/app.ts";
import { listImages } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { notDeployedHere } from "../../errors/apps.ts";
import { serviceOfApp } from "../../errors/swarm.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import type { Matches } from "./candidates.ts";
import { findMatches, unqualifiedName } from "./find.ts";
import type { ManifestFile } from "./manifest-file.ts";
import { unknownAppError } from "./unknown-app.ts";

/** What deployed an app. */
export interface AppDeployer {
  readonly deployer: Deployer;
  /** The name of the app for the deployer: `shop_web` of a Swarm for `web`. */
  readonly name: string;
}

/**
 * Finds the deployer of an app without processes to act on; undefined if only oneoff.yaml describes the app.
 * @param command for the error.
 * @throws OneoffError for an unknown app, and for a name of several services
 */
export async function findDeployer(
  engine: Transport,
  appName: string,
  manifestFile: ManifestFile | undefined,
  command: string,
): Promise<AppDeployer | undefined> {
  const name = unqualifiedName(appName);
  const described = manifestFile?.manifest.apps.get(appName);
  const [images, ownContainers, matches] = await Promise.all([
    listImages(engine, `oneoff/${name}`),
    listOwn(engine, { label: [`${LABEL.app}=${name}`] }),
    findMatches(engine, described?.from ?? appName),
  ]);
  const hasRelease = images.some(({ RepoTags }) => RepoTags?.some((tag) => tag.startsWith(`oneoff/${name}:`)));
  // Locks do not count as parts of the app, because the running command holds one.
  const hasPart = (...kinds: string[]) =>
    ownContainers.some(({ Labels }) => Labels[LABEL.app] === name && kinds.includes(Labels[LABEL.kind] ?? ""));
  if (hasRelease || hasPart("process", "phase")) return { deployer: "oneoff", name };
  // Apps of other deployers have one-offs, too.
  const other = await deployerOf(unqualifiedName(described?.from ?? appName), matches, command);
  if (other) return other;
  if (hasPart("run")) return { deployer: "oneoff", name };
  if (!described) throw await unknownAppError(engine, appName, manifestFile, command);
  return undefined;
}

async function deployerOf(name: string, matches: Matches, command: string): Promise<AppDeployer | undefined> {
  const [candidate] = matches.candidates;
  if (matches.services.length === 0) return candidate && { deployer: candidate.from, name };
  const { chooseService } = await import("../swarm/services/find-service.ts");
  const { own, service } = chooseService(name, matches, command);
  return own ? { deployer: "oneoff", name: own.app } : { deployer: "swarm", name: service.Spec.Name };
}

/** @throws OneoffError for an unknown app, and for an app with another deployer, which has to make the change */
export async function requireOwnApp(
  engine: Transport,
  app: string,
  manifestFile: ManifestFile | undefined,
  command: "scale" | "ps:stop" | "destroy" | "start" | "restart" | "rollback",
): Promise<void> {
  const found = await findDeployer(engine, app, manifestFile, command);
  if (found && found.deployer !== "oneoff") throw notDeployedHere(app, found, command);
  if (found && found.name !== unqualifiedName(app)) throw serviceOfApp(app, found.name, command);
}
