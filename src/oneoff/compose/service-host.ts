import type { ComposeService } from "../../app/compose/service.ts";
import type { HostConfig } from "../../engine/types.ts";
import { securityFields } from "../spec/container-settings.ts";
import { setFields } from "./set-fields.ts";

/** Security, namespaces and kernel settings of a service. @param security with the text of seccomp profiles. */
export function serviceHost(service: ComposeService, security: readonly string[]): Partial<HostConfig> {
  return {
    ...setFields({
      Tmpfs: Object.fromEntries((service.tmpfs ?? []).map(splitTmpfs)),
      ShmSize: Number(service.shm_size ?? 0),
      ReadonlyRootfs: service.read_only,
      Dns: service.dns,
      DnsOptions: service.dns_opt,
      DnsSearch: service.dns_search,
      ExtraHosts: service.extra_hosts?.map((host) => host.replace("=", ":")),
      CapAdd: capabilities(service.cap_add),
      CapDrop: capabilities(service.cap_drop),
      Privileged: service.privileged,
      GroupAdd: service.group_add,
      UsernsMode: service.userns_mode,
      UTSMode: service.uts,
      CgroupnsMode: service.cgroup,
      Sysctls: service.sysctls,
      Runtime: service.runtime,
      Annotations: service.annotations,
    }),
    ...securityFields(security),
  };
}

/** With the prefix that docker's client adds. */
const capabilities = (names: readonly string[] = []): string[] =>
  names.map((name) => name.toUpperCase().replace(/^(?!CAP_|ALL$)/, "CAP_"));

function splitTmpfs(text: string): [path: string, options: string] {
  const [path = "", ...options] = text.split(":");
  return [path, options.join(":")];
}
