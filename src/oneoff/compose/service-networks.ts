import { networkKeys } from "../../app/compose/network-keys.ts";
import type { ComposeProject } from "../../app/compose/project.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import type { ServiceNetwork } from "../../app/compose/service-parts.ts";
import type { EndpointConfig } from "../../engine/types.ts";
import { containerNameOf } from "../../identity/ownership.ts";
import type { ContainerCopy } from "../apps/copy.ts";
import { setFields } from "./set-fields.ts";
import type { Siblings } from "./siblings.ts";

/** @param mode `network_mode` with the container of another service. */
export function serviceNetworks(
  project: ComposeProject,
  service: ComposeService,
  siblings: Siblings,
  mode: string | undefined,
): Pick<ContainerCopy, "networks" | "links" | "networkLinks" | "endpoints"> {
  const links = serviceLinks(project, service, siblings);
  if (mode) return { networks: [mode], ...(links.length > 0 && { links }) };
  const nameOf = (key: string) => project.networks?.[key]?.name ?? key;
  const names = networkKeys(service).map(nameOf);
  const endpoints = Object.entries(service.networks ?? {}).flatMap(([key, network]) => {
    const endpoint = endpointSettings(network);
    return Object.keys(endpoint).length > 0 ? [[nameOf(key), endpoint] as const] : [];
  });
  return {
    networks: names.length > 0 ? names : ["none"],
    ...(endpoints.length > 0 && { endpoints: Object.fromEntries(endpoints) }),
    ...(links.length > 0 && { links, networkLinks: Object.fromEntries(names.map((name) => [name, links])) }),
  };
}

/** Without aliases and addresses, which belong to the service's own containers. */
function endpointSettings(network: ServiceNetwork | null): EndpointConfig {
  const { driver_opts, interface_name, gw_priority } = network ?? {};
  const options = { ...driver_opts, ...(interface_name && { "com.docker.network.endpoint.ifname": interface_name }) };
  return setFields({ DriverOpts: options, GwPriority: gw_priority });
}

/** Links name the containers that exist: a service that is down cannot be linked. */
function serviceLinks({ name: project }: ComposeProject, service: ComposeService, siblings: Siblings): string[] {
  const toServices = (service.links ?? []).flatMap((link) => {
    const [target = "", alias = target] = link.split(":");
    return (siblings.get(target) ?? []).flatMap((container) => {
      const name = containerNameOf(container);
      return [alias, `${target}-1`, `${project}-${target}-1`].map((one) => `${name}:${one}`);
    });
  });
  const toContainers = (service.external_links ?? []).map((link) => (link.includes(":") ? link : `${link}:${link}`));
  return [...toServices, ...toContainers];
}
