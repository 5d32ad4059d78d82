import type { ServicePort, ServiceSpec, UpdateConfig } from "../../engine/swarm/service-types.ts";
import { publishedAddress } from "../../errors/swarm-deploy.ts";
import type { DeployApp } from "../../release/release.ts";

export interface ServiceEndpoint {
  readonly spec: NonNullable<ServiceSpec["EndpointSpec"]>;
  /** A new task cannot start beside the old one if both need the same port of a node. */
  readonly order: NonNullable<UpdateConfig["Order"]>;
}

/**
 * How the service of a process type is reached. The routing mesh publishes ports on every node, and needs virtual
 * addresses. Without them (dnsrr), each task publishes its ports on its own node.
 * @throws OneoffError for an address to publish on
 */
export function serviceEndpoint({ name, settings }: DeployApp, type: string): ServiceEndpoint {
  const { endpointMode: Mode = "vip", publish = [] } = settings.processes ?? {};
  const PublishMode = Mode === "vip" ? "ingress" : "host";
  const published = type === "web" ? publish : [];
  const Ports = published.map(({ port, protocol, hostPort, hostAddress }): ServicePort => {
    if (hostAddress !== undefined) throw publishedAddress(name, `${hostAddress}:${hostPort}:${port}`);
    return {
      ...{ Protocol: protocol, TargetPort: port, PublishMode },
      ...(hostPort !== undefined && { PublishedPort: hostPort }),
    };
  });
  const displaces = Mode === "dnsrr" && published.some(({ hostPort }) => hostPort !== undefined);
  return { spec: { Mode, ...(Ports.length > 0 && { Ports }) }, order: displaces ? "stop-first" : "start-first" };
}
