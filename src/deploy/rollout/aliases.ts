import { connectNetwork, disconnectNetwork, inspectContainer } from "../../engine/containers.ts";
import { isNamedNetwork } from "../../engine/networks.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { aliasesOf } from "./process-spec.ts";

/**
 * Lets others find a process by the app's name, or no more. The engine tells aliases of a container only as it joins a
 * network, so it has to leave it for a moment, about a tenth of a second. It gets its address back, and what is connected
 * goes on.
 * @returns whether it has every address that it had before.
 */
async function rejoin(engine: Transport, details: ContainerDetails, networks: readonly string[], aliases: string[]) {
  const addressIn = ({ NetworkSettings }: ContainerDetails, network: string) =>
    NetworkSettings.Networks[network]?.IPAddress;
  if (networks.length === 0) return true;
  for (const network of networks) {
    await disconnectNetwork(engine, network, details.Id);
    const again = engine.dialect.withAddress(addressIn(details, network));
    await connectNetwork(engine, network, details.Id, { Aliases: aliases, ...again });
  }
  const after = await inspectContainer(engine, details.Id);
  return networks.every((network) => addressIn(details, network) === addressIn(after, network));
}

/** @returns whether it is where it was: if not, what it had connected to is lost to it. */
export async function addAliases(engine: Transport, app: string, type: string, id: string): Promise<boolean> {
  const aliases = aliasesOf(app, type);
  if (aliases.length === 0) return true;
  const details = await inspectContainer(engine, id);
  return rejoin(engine, details, Object.keys(details.NetworkSettings.Networks).filter(isNamedNetwork), aliases);
}

/** @returns whether anybody could find it until now. */
export async function removeAliases(engine: Transport, app: string, details: ContainerDetails): Promise<boolean> {
  const known = aliasesOf(app, "web");
  const { Networks } = details.NetworkSettings;
  const announced = Object.keys(Networks).filter((network) =>
    Networks[network]?.Aliases?.some((alias) => known.includes(alias)),
  );
  if (!details.State.Running || announced.length === 0) return false;
  await rejoin(engine, details, announced, []);
  return true;
}
