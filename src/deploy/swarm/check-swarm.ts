import { listNetworks } from "../../engine/networks.ts";
import { swarmMembership } from "../../engine/swarm/nodes.ts";
import { listConfigs, listSecrets } from "../../engine/swarm/objects.ts";
import type { Service } from "../../engine/swarm/service-types.ts";
import { listServices } from "../../engine/swarm/services.ts";
import type { Transport } from "../../engine/transport.ts";
import { releaseNeedsObject } from "../../errors/swarm.ts";
import {
  deployNeedsManager,
  missingSwarmObject,
  networkNotInSwarm,
  serviceNameTaken,
  serviceOfStack,
} from "../../errors/swarm-deploy.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwnName } from "../../identity/ownership.ts";
import { STACK_LABEL } from "../../oneoff/swarm/services/service-app.ts";
import type { DeployApp } from "../../release/release.ts";
import type { RecordedSwarmRelease } from "../../release/swarm-releases.ts";
import { networksOf } from "../rollout/process-spec.ts";
import type { SwarmObjects } from "./app-resources.ts";
import { serviceNameOf } from "./service-plan.ts";

/** @returns the ID of the engine's node. @throws OneoffError if the engine is not a manager. */
export async function requireManager(engine: Transport): Promise<string> {
  const { isManager, state, managers, nodeId = "" } = await swarmMembership(engine);
  if (!isManager)
    throw deployNeedsManager(
      state,
      managers.map(({ Addr }) => Addr),
    );
  return nodeId;
}

/** @throws OneoffError for a network, secret or config that the app needs and the Swarm does not have. */
export async function findSwarmObjects(
  engine: Transport,
  { name: app, settings }: Pick<DeployApp, "name" | "settings">,
): Promise<SwarmObjects> {
  const { secrets = [], configs = [] } = settings;
  const named = networksOf({ name: app, settings, env: new Map() }).filter((one) => one !== "default");
  const [networks, allSecrets, allConfigs] = await Promise.all([
    named.length === 0 ? [] : listNetworks(engine),
    secrets.length === 0 ? [] : listSecrets(engine),
    configs.length === 0 ? [] : listConfigs(engine),
  ]);
  for (const name of named) {
    const network = networks.find(({ Name }) => Name === name);
    if (!network) throw missingSwarmObject("network", name, app);
    const isUsable = network.Scope === "swarm" || /^(?:bridge|host|none)$/.test(name);
    if (!isUsable) throw networkNotInSwarm(name, network.Driver);
  }
  const toIds = (objects: readonly { readonly ID: string; readonly Spec: { readonly Name: string } }[]) =>
    new Map(objects.map(({ ID, Spec }) => [Spec.Name, ID]));
  const found = { secrets: toIds(allSecrets), configs: toIds(allConfigs) };
  for (const { source } of secrets) if (!found.secrets.has(source)) throw missingSwarmObject("secret", source, app);
  for (const { source } of configs) if (!found.configs.has(source)) throw missingSwarmObject("config", source, app);
  return found;
}

/**
 * The services with the names of an app's process types that oneoff did not deploy for the app.
 * @param force whether services of a stack may be replaced. @throws OneoffError if they may not.
 */
export async function findForeignServices(
  engine: Transport,
  app: string,
  types: readonly string[],
  force: boolean,
): Promise<Service[]> {
  const names = new Set(types.map((type) => serviceNameOf(app, type).toLowerCase()));
  const foreign = (await listServices(engine, { name: [...names] })).filter(({ Spec: { Name, Labels } }) => {
    const isOwn = isOwnName(Name, Labels ?? {}) && Labels?.[LABEL.app] === app && Labels[LABEL.kind] === "process";
    return names.has(Name.toLowerCase()) && !isOwn;
  });
  for (const { Spec } of foreign) {
    const owner = isOwnName(Spec.Name, Spec.Labels ?? {}) ? Spec.Labels?.[LABEL.app] : undefined;
    const stack = Spec.Labels?.[STACK_LABEL];
    if (!stack) throw serviceNameTaken(Spec.Name, app, owner);
    if (!force) throw serviceOfStack(Spec.Name, stack);
  }
  return foreign;
}

/** @throws OneoffError if the services of a release use a secret or config that was removed, or made again. */
export async function requireObjects(
  engine: Transport,
  { app, number, services }: Pick<RecordedSwarmRelease, "app" | "number" | "services">,
): Promise<void> {
  const containers = [...services.values()].flatMap(({ TaskTemplate }) => TaskTemplate.ContainerSpec ?? []);
  const secrets = containers.flatMap(({ Secrets }) => Secrets ?? []);
  const configs = containers.flatMap(({ Configs }) => Configs ?? []);
  const known = async (list: typeof listSecrets | typeof listConfigs) =>
    new Set((await list(engine)).map(({ ID }) => ID));
  const [knownSecrets, knownConfigs] = await Promise.all([
    secrets.length === 0 ? new Set() : known(listSecrets),
    configs.length === 0 ? new Set() : known(listConfigs),
  ]);
  const secret = secrets.find(({ SecretID }) => !knownSecrets.has(SecretID));
  if (secret) throw releaseNeedsObject("secret", secret.SecretName, app, number);
  const config = configs.find(({ ConfigID }) => !knownConfigs.has(ConfigID));
  if (config) throw releaseNeedsObject("config", config.ConfigName, app, number);
}
