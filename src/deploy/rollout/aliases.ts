import { connectNetwork, disconnectNetwork, inspectContainer } from "../../engine/containers.ts";
import { isNamedNetwork } from "../../engine/networks.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { aliasesOf } from "./process-spec.ts";

/**
 * Changes the aliases of a container by reconnecting it to its networks, because the engine sets aliases only at
 * connect. The container is disconnected for about 0.1 s. It requests its previous address, so that open connections
 * survive.
 * @returns whether the container got all its previous addresses.
 */
async function rejoin(engine: Transport, details: ContainerDetails, networks: readonly string[], aliases: string[]) {
  const addressIn = ({ NetworkSettings }: ContainerDetails, network: string) =>
    NetworkSettings.Networks[network]?.IPAddress;
  if (networks.length === 0) return true;
  for (const network of networks) {
    await disconnectNetwork(engine, network, details.Id);
    const previousAddress = engine.quirks.withAddress(addressIn(details, network));
    await connectNetwork(engine, network, details.Id, { Aliases: aliases, ...previousAddress });
  }
  const after = await inspectContainer(engine, details.Id);
  return networks.every((network) => addressIn(details, network) === addressIn(after, network));
}

/** @returns whether the container kept its addresses; if not, its open connections are lost. */
export async function addAliases(engine: Transport, app: string, type: string, id: string): Promise<boolean> {
  const aliases = aliasesOf(app, type);
  if (aliases.length === 0) return true;
  const details = await inspectContainer(engine, id);
  return rejoin(engine, details, Object.keys(details.NetworkSettings.Networks).filter(isNamedNetwork), aliases);
}

/** @returns whether the process had aliases. */
export async function removeAliases(engine: Transport, app: string, details: ContainerDetails): Promise<boolean> {
  const aliases = aliasesOf(app, "web");
  const { Networks } = details.NetworkSettings;
  const networks = Object.keys(Networks).filter((network) =>
    Networks[network]?.Aliases?.some((alias) => aliases.includes(alias)),
  );
  if (!details.State.Running || networks.length === 0) return false;
  await rejoin(engine, details, networks, []);
  return true;
}
