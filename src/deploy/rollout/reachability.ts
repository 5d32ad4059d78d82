import { parseEnvList } from "../../app/env.ts";
import { inspectContainer } from "../../engine/containers.ts";
import { isNamedNetwork } from "../../engine/networks.ts";
import type { ContainerDetails, ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import { isLiveProcess } from "../../oneoff/apps/degraded.ts";
import type { NetworkAddress, PublishedAddress } from "../../output/process-events.ts";
import type { RecordedRelease } from "../../release/release-labels.ts";
import type { HealthContext } from "./health.ts";
import { aliasesOf, DEFAULT_PORT } from "./process-spec.ts";

/** Reports that a release is live, and how its web processes are reached, which a failure only omits. */
export async function reportDeployed(
  { engine, report }: Pick<HealthContext, "engine" | "report">,
  { app, number, image }: Pick<RecordedRelease, "app" | "number" | "image">,
): Promise<void> {
  report({ type: "deployed", app, release: number, image });
  const processType = "web";
  try {
    const label = [`${LABEL.app}=${app}`, `${LABEL.kind}=process`, `${LABEL.processType}=${processType}`];
    const containers = (await listOwn(engine, { label })).filter(isLiveProcess);
    const [first] = containers.toSorted((a, b) => a.Created - b.Created);
    if (!first) return;
    const addresses = networkAddresses(await inspectContainer(engine, first.Id), aliasesOf(app, processType));
    report({ type: "reachable", app, processType, addresses, published: publishedAddresses(containers) });
  } catch {}
}

/** @param aliases of the processes in networks that resolve names. */
export function networkAddresses(
  { Config, NetworkSettings }: Pick<ContainerDetails, "Config" | "NetworkSettings">,
  aliases: readonly string[],
): NetworkAddress[] {
  const port = Number(parseEnvList(Config.Env ?? []).get("PORT") ?? DEFAULT_PORT);
  return Object.entries(NetworkSettings.Networks).flatMap(([network, { IPAddress, Aliases }]) => {
    const alias = isNamedNetwork(network) ? aliases.find((one) => Aliases?.includes(one)) : undefined;
    const host = network === "host" ? "localhost" : (alias ?? IPAddress);
    return host ? [{ network, host, port }] : [];
  });
}

/** An engine lists a port for IPv4 and IPv6, which is one line for people. */
export function publishedAddresses(containers: readonly Pick<ContainerSummary, "Ports">[]): PublishedAddress[] {
  const all = containers.flatMap(({ Ports }) =>
    (Ports ?? []).flatMap(({ IP = "0.0.0.0", PrivatePort: port = 0, PublicPort: hostPort, Type: protocol = "tcp" }) =>
      hostPort === undefined ? [] : { address: IP || "0.0.0.0", hostPort, port, protocol },
    ),
  );
  const isForIpv4 = ({ address }: PublishedAddress) => !address.includes(":");
  const isSame = (a: PublishedAddress, b: PublishedAddress) => a.hostPort === b.hostPort && a.protocol === b.protocol;
  return all.filter((one) => isForIpv4(one) || !all.some((other) => isForIpv4(other) && isSame(one, other)));
}
