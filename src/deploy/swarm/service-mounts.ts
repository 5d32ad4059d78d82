import type { Mount } from "../../engine/mount-types.ts";
import type { ProcessCreateBody } from "../../engine/process-types.ts";
import { escapeTemplate } from "../../oneoff/swarm/services/service-templates.ts";

type Mounted = Pick<ProcessCreateBody["HostConfig"], "Binds" | "Mounts">;

/** The mounts of a container as a service has them: services know no binds in the short form. */
export const serviceMounts = ({ Binds, Mounts = [] }: Mounted): Mount[] =>
  [...(Binds ?? []).map(toMount), ...Mounts].map((mount) =>
    mount.Source === undefined ? mount : { ...mount, Source: escapeTemplate(mount.Source) },
  );

/** `SOURCE:TARGET[:OPTIONS]`, or the path of an anonymous volume. */
function toMount(bind: string): Mount {
  const [first = "", second, options = ""] = bind.split(":");
  if (second === undefined) return { Type: "volume", Target: first };
  const names = options.split(",");
  const isReadOnly = names.includes("ro");
  const propagation = names.find((name) => /^r?(?:private|shared|slave)$/.test(name));
  const common = { Source: first, Target: second, ...(isReadOnly && { ReadOnly: true }) };
  return first.startsWith("/")
    ? { Type: "bind", ...common, ...(propagation && { BindOptions: { Propagation: propagation } }) }
    : { Type: "volume", ...common, ...(names.includes("nocopy") && { VolumeOptions: { NoCopy: true } }) };
}
