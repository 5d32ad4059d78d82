import { isIP } from "node:net";

/** A port of the container and where it is published. */
export interface PortMapping {
  /** `80/tcp` */
  readonly port: string;
  /** Empty for all addresses of the host. */
  readonly hostAddress: string;
  /** A port, or a range to choose from; empty for any free port. */
  readonly hostPort: string;
}

/** Parses docker's `[[ADDRESS:]HOST-PORT:]PORT[/PROTOCOL]`, also with ranges; undefined for anything else. */
export function portMappingsOf(text: string): PortMapping[] | undefined {
  const parts = (text.includes("=") ? shortForm(text) : text).split(":");
  const [containerPorts = "", protocol = "tcp", ...rest] = parts.pop()?.split("/") ?? [];
  const hostPorts = parts.pop() ?? "";
  const address = parts.join(":");
  const hostAddress = address.replace(/^\[(.*:.*)\]$/, "$1");
  const inside = portRange(containerPorts);
  const outside = hostPorts === "" ? undefined : portRange(hostPorts, 0);
  if (!inside || rest.length > 0 || !/^(tcp|udp|sctp)$/i.test(protocol)) return undefined;
  if (address !== "" && (isIP(hostAddress) === 0 || hostAddress.includes("%"))) return undefined;
  if (hostPorts !== "" && !outside) return undefined;
  const count = inside.last - inside.first + 1;
  // The engine chooses a host port of a range for a single port.
  const isChoice = count === 1;
  if (outside && !isChoice && outside.last - outside.first + 1 !== count) return undefined;
  return Array.from({ length: count }, (_, at) => ({
    port: `${inside.first + at}/${protocol.toLowerCase()}`,
    hostAddress,
    hostPort: outside === undefined ? "" : isChoice ? hostPorts : String(outside.first + at),
  }));
}

/** `target=80,published=8080,protocol=udp` */
function shortForm(text: string): string {
  const fields = new Map(text.split(",").map((field) => [field.split("=", 1)[0], field.replace(/^[^=]*=?/, "")]));
  return `${fields.get("published") ?? ""}:${fields.get("target") ?? ""}/${fields.get("protocol") ?? "tcp"}`;
}

function portRange(text: string, least = 1): { first: number; last: number } | undefined {
  const [whole, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return whole === undefined || first < least || last > 65_535 || first > last ? undefined : { first, last };
}
