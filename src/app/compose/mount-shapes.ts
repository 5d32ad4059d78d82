import { composeProblem } from "../../errors/compose.ts";
import { labels } from "./map-shapes.ts";
import { flag, integer, oneOf, size, text, unsigned } from "./scalar-shapes.ts";
import { kinds, listOf, mapOfAny, or, struct, writing } from "./shape.ts";
import { isMap } from "./value.ts";

/** Permissions of a file in octal; a text has octal digits. */
const fileMode = kinds(
  (value, path, wrong) => {
    if (value === undefined || value === null) return undefined;
    if (typeof value === "bigint") return `0${value.toString(8)}`;
    const isOctal = typeof value === "string" && /^[-+]?[0-7]{1,20}$/.test(value);
    return isOctal
      ? `0${Number.parseInt(value, 8).toString(8)}`
      : wrong(path, composeProblem.expected("an octal number such as 0440"));
  },
  { text: true, number: true },
);

/** Secrets and configs of a service. */
export const fileReferences = listOf(
  or(struct({ source: text, target: text, uid: text, gid: text, mode: fileMode }), { text: true }),
);

const mount = struct(
  {
    type: oneOf("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
    source: text,
    target: text,
    read_only: flag,
    consistency: text,
    bind: struct({
      selinux: oneOf("z", "Z"),
      propagation: text,
      create_host_path: flag,
      recursive: oneOf("enabled", "disabled", "writable", "readonly"),
    }),
    volume: struct({ labels, nocopy: flag, subpath: text }),
    tmpfs: struct({ size, mode: unsigned() }),
    image: struct({ subpath: text }),
  },
  { required: ["type"] },
);

export const mounts = listOf(or(mount, { text: true }), { unique: true });

const limit = integer();
const limits = struct({ soft: limit, hard: limit }, { required: ["soft", "hard"] });

/** A limit of 0 is the same as none. */
const ulimit = writing(or(limits, { text: true, number: limit.check }), (value, path, wrong) =>
  isMap(value) ? limits.write(value, path, wrong) : (limit.write(value, path, wrong) ?? {}),
);

export const ulimits = mapOfAny(ulimit);
