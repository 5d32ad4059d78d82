import { setTimeout as pause } from "node:timers/promises";
import { listNetworks, type NetworkSummary, removeNetwork } from "../../engine/networks.ts";
import type { Transport } from "../../engine/transport.ts";

const POLL_MS = 50;
const MAX_POLLS = 200;

/**
 * Engine 20.10 checks the name of a new network before it locks its list, so that several commands may each create one,
 * and refuses an ambiguous name. Each command removes its own network unless it is the oldest, and waits for the others.
 * @param own IDs of networks that this command has created.
 * @returns the own networks that were removed.
 */
export async function removeDuplicates(
  engine: Transport,
  names: readonly string[],
  own: readonly string[],
): Promise<string[]> {
  const removed: string[] = [];
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const duplicates = findDuplicates(await listNetworks(engine), names);
    if (duplicates.length === 0) break;
    const surplus = duplicates.map(({ Id }) => Id).filter((id) => own.includes(id) && !removed.includes(id));
    for (const id of surplus) await removeNetwork(engine, id);
    removed.push(...surplus);
    await pause(POLL_MS);
  }
  return removed;
}

/** All networks of these names except the oldest of each name. */
export const findDuplicates = (networks: readonly NetworkSummary[], names: readonly string[]): NetworkSummary[] =>
  names.flatMap((name) =>
    networks
      .filter(({ Name }) => Name === name)
      .sort(byAge)
      .slice(1),
  );

const byAge = (a: NetworkSummary, b: NetworkSummary) => (keyOf(a) < keyOf(b) ? -1 : 1);

/** The engine omits zeros at the end of the fraction of a second. */
const keyOf = ({ Created = "", Id }: NetworkSummary) => {
  const [, seconds = "", fraction = ""] = /^([^.Z]*)\.?(\d*)/.exec(Created) ?? [];
  return `${seconds}.${fraction.padEnd(9, "0")} ${Id}`;
};
