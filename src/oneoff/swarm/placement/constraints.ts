import { BlockList, isIP } from "node:net";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Placement } from "../../../engine/swarm/service-types.ts";

/** @returns the constraints that a node does not satisfy. Swarm compares values without case. */
export const unsatisfied = (node: SwarmNode, { Constraints }: Placement): string[] =>
  (Constraints ?? []).filter((constraint) => !satisfies(node, constraint));

function satisfies(node: SwarmNode, constraint: string): boolean {
  const [, key = "", operator, wanted = ""] = /^\s*([^=!\s]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
  const isSame = isMatch(node, key, wanted.toLowerCase());
  return isSame !== undefined && isSame === (operator === "==");
}

/** @returns undefined for an unknown key. */
function isMatch(node: SwarmNode, key: string, wanted: string): boolean | undefined {
  if (key.toLowerCase() === "node.ip") return isInNetwork(node.Status.Addr ?? "", wanted);
  const value = valueForKey(node, key);
  return value === undefined ? undefined : value.toLowerCase() === wanted;
}

function valueForKey({ ID, Spec, Description }: SwarmNode, key: string): string | undefined {
  const [, place, label = ""] = /^(node|engine)\.labels\.(.+)$/i.exec(key) ?? [];
  if (place) return (place.toLowerCase() === "node" ? Spec.Labels : Description.Engine?.Labels)?.[label] ?? "";
  const values: Readonly<Record<string, string | undefined>> = {
    "node.id": ID,
    "node.hostname": Description.Hostname,
    "node.role": Spec.Role,
    "node.platform.os": Description.Platform?.OS,
    "node.platform.arch": Description.Platform?.Architecture,
  };
  return key.toLowerCase() in values ? (values[key.toLowerCase()] ?? "") : undefined;
}

/** @param network an address, or a network such as 10.0.0.0/24. */
function isInNetwork(address: string, network: string): boolean {
  const [base = "", prefix] = network.split("/");
  const family = isIP(base) === 6 ? "ipv6" : "ipv4";
  if (prefix === undefined || !isIP(base) || !isIP(address)) return address === network;
  const list = new BlockList();
  list.addSubnet(base, Number(prefix), family);
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Whether a service runs on the platform of a node, as far as the registry knows the platforms of its image. */
export function isPlatform({ Description: { Platform } }: SwarmNode, { Platforms }: Placement): boolean {
  if (!Platforms?.length || !Platform) return true;
  return Platforms.some(
    ({ OS, Architecture }) =>
      (!OS || OS === Platform.OS) &&
      (!Architecture || commonName(Architecture) === commonName(Platform.Architecture ?? "")),
  );
}

const commonName = (architecture: string) =>
  ({ x86_64: "amd64", aarch64: "arm64" })[architecture.toLowerCase()] ?? architecture.toLowerCase();
