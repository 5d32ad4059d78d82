import type { ComposeProject } from "../compose/project.ts";
import type { ComposeService } from "../compose/service.ts";
import type { ComposeMount, FileReference } from "../compose/service-parts.ts";
import { type InitPlace, pathFrom, withoutVariables } from "./init-paths.ts";
import type { Statement } from "./init-statement.ts";
import type { Value } from "./init-yaml.ts";

/** Mounts of a service, also of secrets and configs that are files. Of several for a target, the last is used. */
export function mountStatements(service: ComposeService, project: ComposeProject, place: InitPlace): Statement[] {
  const volumes = (service.volumes ?? []).map((mount) => volumeStatement(mount, project, place));
  const files = (["secrets", "configs"] as const).flatMap((kind) =>
    (service[kind] ?? []).map((reference) => fileStatement(kind, reference, project, place)),
  );
  const taken = new Set(volumes.map(({ name }) => name));
  const all = [...files.filter(({ name }) => !taken.has(name)), ...volumes];
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

const named = (target: string, value: Value | undefined): Statement => ({ key: "mounts", name: target, value });

function volumeStatement(mount: ComposeMount, project: ComposeProject, place: InitPlace): Statement {
  const { type, source, target = "", read_only: readOnly, bind, volume = {}, tmpfs } = mount;
  if (type === "tmpfs" && tmpfs === undefined) return named(target, map({ type, target, readOnly }));
  if (type === "volume" && !volume.subpath && Object.keys(volume.labels ?? {}).length === 0) {
    const name = source === undefined ? undefined : (project.volumes?.[source]?.name ?? source);
    if (name === undefined) return named(target, withoutVariables(target));
    return named(target, line(name, target, [readOnly && "ro", bind?.selinux, volume.nocopy && "nocopy"]));
  }
  if (type !== "bind" || source === undefined || bind?.recursive) return named(target, undefined);
  const path = pathFrom(place, source);
  if (bind && !bind.create_host_path) {
    const isExpressible = !bind.propagation && !bind.selinux;
    return named(target, isExpressible ? map({ type, source: path, target, readOnly }) : undefined);
  }
  return named(target, line(path === "." ? "./" : path, target, [readOnly && "ro", bind?.selinux, bind?.propagation]));
}

/** `SOURCE:TARGET[:OPTIONS]`: the engine creates a missing source, as Compose does. */
function line(source: string, target: string, options: readonly (string | false | undefined)[]): Value | undefined {
  if (source.includes(":") || target.includes(":")) return undefined;
  const set = options.filter(Boolean).join(",");
  return withoutVariables([source, target, ...(set ? [set] : [])].join(":"));
}

const map = ({
  type,
  source,
  target,
  readOnly,
}: Record<"type" | "target", string> & { source?: string; readOnly?: boolean | undefined }) =>
  new Map<string, Value>([
    ["type", type],
    ...(source === undefined ? [] : [["source", withoutVariables(source)] as const]),
    ["target", withoutVariables(target)],
    ...(readOnly ? [["read-only", true] as const] : []),
  ]);

function fileStatement(
  kind: "secrets" | "configs",
  { source = "", target = "" }: FileReference,
  project: ComposeProject,
  place: InitPlace,
): Statement {
  const file = project[kind]?.[source]?.file;
  if (file === undefined) return { key: kind, name: source, value: undefined };
  const path = target.startsWith("/") ? target : `${kind === "secrets" ? "/run/secrets/" : "/"}${target || source}`;
  return named(path, map({ type: "bind", source: pathFrom(place, file), target: path, readOnly: true }));
}
