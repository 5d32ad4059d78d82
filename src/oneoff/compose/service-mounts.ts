import type { ComposeProject } from "../../app/compose/project.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import type { ComposeMount, FileReference } from "../../app/compose/service-parts.ts";
import type { Mount } from "../../engine/mount-types.ts";
import { setFields } from "./set-fields.ts";

/** Where Compose mounts a secret or config with a relative target. */
const FOLDERS = { secrets: "/run/secrets/", configs: "/" } as const;

export type FileKind = keyof typeof FOLDERS;

/** The path of a secret or config in the container. */
export const fileTarget = (kind: FileKind, { source = "", target }: FileReference): string =>
  target?.startsWith("/") ? target : `${FOLDERS[kind]}${target || source}`;

/** The mounts of a service: of several for a path the last one is used. Like Compose, binds are preferred. */
export function serviceMounts(
  project: ComposeProject,
  service: ComposeService,
): { readonly Binds: readonly string[]; readonly Mounts: readonly Mount[] } {
  const ofVolumes = (service.volumes ?? []).map((mount) => ({ mount, source: sourceOf(project, mount) }));
  const last = [...new Map(ofVolumes.map((one) => [one.mount.target, one])).values()];
  const targets = new Set(last.map(({ mount }) => mount.target));
  const files = [...fileMounts("secrets", project, service), ...fileMounts("configs", project, service)];
  return {
    Binds: last.filter(isBind).map(bindText),
    Mounts: [
      ...last.filter((one) => !isBind(one)).map(toMount),
      ...[...new Map(files.map((file) => [file.Target, file])).values()].filter(({ Target }) => !targets.has(Target)),
    ],
  };
}

interface NamedMount {
  readonly mount: ComposeMount;
  /** The path, or the name of the volume on the engine. */
  readonly source: string | undefined;
}

const sourceOf = ({ volumes = {} }: ComposeProject, { type, source }: ComposeMount) =>
  type === "volume" && source !== undefined ? (volumes[source]?.name ?? source) : source;

/** Binds create missing folders on the host; typed mounts have more options. */
function isBind({ mount: { type, bind, volume }, source }: NamedMount): boolean {
  if (type === "bind")
    return bind === undefined || (bind.create_host_path === true && !bind.propagation && !bind.recursive);
  if (type !== "volume" || source === undefined) return false;
  return !volume?.nocopy && !volume?.subpath && Object.keys(volume?.labels ?? {}).length === 0;
}

const bindText = ({ mount: { target, read_only, bind }, source }: NamedMount) =>
  [source, target, [read_only ? "ro" : "rw", ...(bind?.selinux ? [bind.selinux] : [])].join(",")].join(":");

function toMount({ mount, source }: NamedMount): Mount {
  const { type, target = "", read_only, consistency, bind, volume, tmpfs, image } = mount;
  return {
    Type: type as Mount["Type"],
    Target: target,
    ...setFields({ Source: source, ReadOnly: read_only, Consistency: consistency }),
    ...(bind && {
      BindOptions: {
        ...setFields({ Propagation: bind.propagation, CreateMountpoint: bind.create_host_path }),
        ...RECURSION[bind.recursive ?? ""],
      },
    }),
    ...(volume && {
      VolumeOptions: setFields({ NoCopy: volume.nocopy, Subpath: volume.subpath, Labels: volume.labels }),
    }),
    ...(tmpfs && { TmpfsOptions: setFields({ SizeBytes: Number(tmpfs.size ?? 0), Mode: tmpfs.mode }) }),
    ...(image && { ImageOptions: setFields({ Subpath: image.subpath }) }),
  };
}

const RECURSION: Readonly<Record<string, Mount["BindOptions"]>> = {
  disabled: { NonRecursive: true },
  writable: { ReadOnlyNonRecursive: true },
  readonly: { ReadOnlyForceRecursive: true },
};

/** Secrets and configs that are files; others are copied into the created container. */
const fileMounts = (kind: FileKind, project: ComposeProject, service: ComposeService): Mount[] =>
  (service[kind] ?? []).flatMap((reference) => {
    const file = project[kind]?.[reference.source ?? ""]?.file;
    if (file === undefined) return [];
    const mount = { Type: "bind", Source: file, Target: fileTarget(kind, reference), ReadOnly: true } as const;
    return [{ ...mount, ...(kind === "secrets" && { BindOptions: {} }) }];
  });
