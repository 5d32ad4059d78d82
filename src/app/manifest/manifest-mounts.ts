import { fileProblem } from "../../errors/manifest.ts";
import { type Mount, mountOf, targetPath, volumeOf } from "../mounts.ts";
import { listOf, record } from "../schema/collections.ts";
import { rule, text, truth } from "../schema/scalars.ts";
import { either, mapped, type Shape } from "../schema/schema.ts";
import { complain, insidePath, withHome } from "./manifest-shapes.ts";

/** A mount as a line in the engine's format, or as an object. */
export type ManifestMount = { readonly bind: string } | { readonly mount: Mount };

const modes = /^(?:ro|rw|z|Z|nocopy|consistent|cached|delegated|r?shared|r?slave|r?private)$/;

const mountLine: Shape<ManifestMount> = mapped(
  text(rule(/^[^\0]+$/, "SOURCE:TARGET[:ro] with an absolute target")),
  (line, node, name, to) => {
    const source = withHome(line.split(":")[0] ?? "", to);
    if (source === undefined) return complain(node, name, fileProblem.noHome(), to);
    const bind = volumeOf(source + line.slice(line.split(":")[0]?.length), to.folder);
    const mode = bind?.split(":")[2];
    if (bind === undefined || (mode !== undefined && !mode.split(",").every((word) => modes.test(word)))) {
      return complain(node, name, "expected SOURCE:TARGET[:ro] with an absolute target", to);
    }
    return { bind };
  },
);

const mountKeys = {
  type: {
    shape: text(rule(/^(?:bind|volume|tmpfs)$/, '"bind", "volume" or "tmpfs"')),
    about: "Mount type: bind, volume or tmpfs.",
    default: "bind if source is a path, else volume",
    examples: ["bind"],
  },
  source: {
    shape: text(rule(/^[^\0]+$/, "a path or the name of a volume")),
    about: "Path on the engine's host, or name of a volume.",
    examples: ["./config"],
  },
  target: { shape: text(insidePath), about: "Path in the container. Required.", examples: ["/app/config"] },
  "read-only": { shape: truth, about: "Mount read-only.", default: "false", examples: ["true"] },
} as const;

const mountMap: Shape<ManifestMount> = mapped(record(mountKeys, ["target"]), (settings, node, name, to) => {
  const { source, target, "read-only": readOnly = false } = settings;
  if (target === undefined) return undefined;
  const type = settings.type ?? (source && /^[./~]/.test(source) ? "bind" : "volume");
  const path = type === "bind" && source !== undefined ? withHome(source, to) : source;
  if (source !== undefined && path === undefined) return complain(node, name, fileProblem.noHome(), to);
  const mount = mountOf(type, path, target, readOnly, to.folder);
  return typeof mount === "string" ? complain(node, name, mount, to) : { mount };
});

/** The path of the mount in the container. */
export const targetOf = (mount: ManifestMount) =>
  targetPath("mount" in mount ? mount.mount.target : (mount.bind.split(":")[1] ?? mount.bind));

export const mounts: Shape<ManifestMount[]> = listOf(either(mountLine, mountMap), targetOf);
