import { posix } from "node:path";
import { listOf, mapOf, record } from "../schema/collections.ts";
import { quantity, rule, text, truth, written } from "../schema/scalars.ts";
import { either, mapped, type Shape } from "../schema/schema.ts";

/** A secret or config of a Swarm as a file in the containers of an app. */
export interface SwarmFile {
  /** The name of the secret or config. */
  readonly source: string;
  /** The path in the container, relative to `/run/secrets` for a secret and to `/` for a config. */
  readonly target: string;
  readonly uid: string;
  readonly gid: string;
  /** Permission bits. */
  readonly mode: number;
}

const objectName = rule(
  /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/,
  'the name of a secret or config: at most 64 letters, digits, "-", "_" and "."',
  64,
);
const targetPath = rule(/^[^\0]*[^\0/]$/, "the path of a file in the container");
const id = rule(/^\d{1,10}$/, "a numeric ID such as 1000");

/** `440` is octal for some and decimal for other readers of YAML. */
const modeOf = (text: string) => (/^0o?[0-7]{3,4}$/.test(text) ? Number.parseInt(text.replace("o", ""), 8) : undefined);

const fileKeys = {
  source: { shape: text(objectName), about: "Name in the Swarm. Required.", examples: ["shop_key"] },
  target: {
    shape: text(targetPath),
    about: "Path in the container, relative to /run/secrets for secrets and to / for configs.",
    default: "source",
    examples: ["key.pem"],
  },
  uid: { shape: written(id), about: "Numeric owner.", default: "0", examples: ["1000"] },
  gid: { shape: written(id), about: "Numeric group.", default: "0", examples: ["1000"] },
  mode: {
    shape: quantity(modeOf, "octal permissions such as 0440"),
    about: "Permissions in octal, with a leading 0.",
    default: "0444",
    examples: ["0440"],
  },
} as const;

const toFile = ({ source, ...file }: Partial<SwarmFile>): SwarmFile | undefined =>
  source === undefined ? undefined : { source, target: source, uid: "0", gid: "0", mode: 0o444, ...file };

/** @param folder the base of relative targets. */
const files = (folder: string): Shape<SwarmFile[]> =>
  listOf(
    either(
      mapped(text(objectName), (source) => toFile({ source })),
      mapped(record(fileKeys, ["source"]), toFile),
    ),
    ({ target }) => posix.resolve(folder, target),
  );

/** Keys of an app. */
export const swarmKeys = {
  swarm: {
    shape: truth,
    about: "Deploy to the Swarm of the engine, as one service per process type (oneoff help swarm).",
    default: "false",
    examples: ["true"],
    off: true,
  },
  secrets: {
    shape: files("/run/secrets"),
    about: "Secrets of the Swarm, as files below /run/secrets. Needs swarm: true.",
    examples: ["\n- shop_db_password\n- {source: shop_key, target: key.pem, uid: 1000, gid: 1000, mode: 0440}"],
    off: true,
  },
  configs: {
    shape: files("/"),
    about: "Configs of the Swarm, as files. Needs swarm: true.",
    examples: ["\n- shop_settings\n- {source: shop_nginx, target: /etc/nginx/nginx.conf}"],
    off: true,
  },
} as const;

/** Addresses of engines by the names of their nodes. */
export type NodeHosts = ReadonlyMap<string, string>;

const nodeName = rule(/^[A-Za-z0-9](?:[\w.-]{0,252}[A-Za-z0-9])?$/, "the name of a node, as docker node ls shows it");
const address = rule(
  /^(?:unix:\/\/\/|tcp:\/\/|ssh:\/\/)\S+$/,
  "an address such as ssh://deploy@10.0.0.2, tcp://10.0.0.2:2376 or unix:///run/node2.sock",
);

export const hosts: Shape<NodeHosts> = mapOf(nodeName, text(address));
