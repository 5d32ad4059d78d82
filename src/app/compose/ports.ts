import { isIP } from "node:net";
import { mapOf, type ValueMap } from "./value.ts";

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Parses `3000`, `3000-3005` or an invalid text. */
function rangeOf(text: string): Range | undefined {
  const [first, last = first] = text.split("-").map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : -1));
  if (first === undefined || last === undefined || first < 0 || last < first || last > 65_535) return undefined;
  return { first, last };
}

/** The long forms of `[[IP:]PUBLISHED:]TARGET[/PROTOCOL]`, one for each port; undefined for an invalid text. */
export function portsOf(text: string): ValueMap[] | undefined {
  const parts = text.split(":");
  const [container = "", published = "", ...rest] = parts.toReversed();
  const address = rest
    .toReversed()
    .join(":")
    .replace(/^\[(.*)\]$/, "$1");
  const [port = "", ...protocols] = container.split("/");
  const protocol = (protocols.join("/") || "tcp").toLowerCase();
  const target = rangeOf(port);
  const host = published === "" ? undefined : rangeOf(published);
  if (!target || target.first === 0 || (published !== "" && !host) || !["tcp", "udp", "sctp"].includes(protocol))
    return undefined;
  if (address !== "" && (isIP(address) === 0 || address.includes("%"))) return undefined;
  const isSingle = target.first === target.last;
  if (host && !isSingle && host.last - host.first !== target.last - target.first) return undefined;
  const ports = Array.from({ length: target.last - target.first + 1 }, (_, index) => {
    const first = host && host.first + index;
    const isRange = isSingle && host && host.first !== host.last;
    return mapOf([
      ["mode", "ingress"],
      ...(address === "" ? [] : [["host_ip", address] as const]),
      ["target", BigInt(target.first + index)],
      ...(first === undefined ? [] : [["published", isRange ? `${first}-${host.last}` : String(first)] as const]),
      ["protocol", protocol],
    ]);
  });
  return ports.sort((a, b) => (`${a.target}/` < `${b.target}/` ? -1 : 1));
}
