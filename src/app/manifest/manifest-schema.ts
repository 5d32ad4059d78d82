import { fileProblem } from "../../errors/manifest.ts";
import { mapOf, record } from "../schema/collections.ts";
import { text } from "../schema/scalars.ts";
import { type Entry, mapped, type Node, type Of, type Reading, read, type Shape } from "../schema/schema.ts";
import { type Aliases, aliasesOf } from "./manifest-aliases.ts";
import { appShape, type ManifestApp } from "./manifest-app.ts";
import { appKeys } from "./manifest-keys.ts";
import { appName } from "./manifest-shapes.ts";
import { hosts, type NodeHosts } from "./manifest-swarm.ts";

export type { ManifestApp } from "./manifest-app.ts";

/** The content of `oneoff.yaml`. */
export interface Manifest {
  readonly apps: ReadonlyMap<string, ManifestApp>;
  readonly aliases?: Aliases;
  readonly hosts?: NodeHosts;
}

const keysFor = (commands: ReadonlySet<string>) =>
  ({
    apps: { shape: mapOf(appName, appShape), about: "Apps by name.", examples: [] },
    aliases: {
      shape: aliasesOf(commands),
      about:
        "Names of command lines: `oneoff console --sandbox` runs the line with --sandbox appended. A line begins with a command of oneoff and is split as by a shell, without variables.",
      examples: [`\nconsole: run shop bin/rails console\npsql: run shop 'psql "$DATABASE_URL"'`],
    },
    hosts: {
      shape: hosts,
      about: "Engines of the nodes of a Swarm: node name and unix://, tcp:// or ssh:// address. One-offs run there.",
      examples: ["\nnode2: ssh://deploy@10.0.0.2\nnode3: tcp://10.0.0.3:2376"],
    },
  }) as const;

/** For documentation. */
export const topKeys = keysFor(new Set());

export const nameKey = { shape: text(appName), about: "Name of the only app.", examples: ["shop"] } as const;

/**
 * Reads apps below `apps`, or one app with its keys at the top.
 * @param commands of oneoff, for aliases.
 * @returns undefined after a reported mistake.
 */
export function readManifest(root: Node, to: Reading, commands: ReadonlySet<string>): Manifest | undefined {
  const isShort = root.kind === "map" && root.entries.some(({ key }) => key === "app");
  return isShort ? readShort(root, to, commands) : read(long(commands), root, "", to);
}

function long(commands: ReadonlySet<string>): Shape<Manifest> {
  const top = record(keysFor(commands));
  return mapped(
    {
      ...top,
      kinds: {
        map: (node, name, to) => {
          const outside = (key: string) => Object.hasOwn(appKeys, key);
          for (const { key, at } of node.entries) if (outside(key)) to.wrong(at, fileProblem.outsideApp(key));
          return read(top, { ...node, entries: node.entries.filter(({ key }) => !outside(key)) }, name, to);
        },
      },
    },
    ({ apps = new Map(), ...rest }) => ({ apps, ...rest }),
  );
}

/** The keys beside `apps`. */
const COMMON = ["aliases", "hosts"];

function readShort(root: Of<"map">, to: Reading, commands: ReadonlySet<string>): Manifest | undefined {
  const [app, apps] = ["app", "apps"].map((name) => root.entries.find(({ key }) => key === name));
  const isCommon = ({ key }: Entry) => COMMON.includes(key);
  const entries = root.entries.filter((entry) => entry !== app && entry !== apps && !isCommon(entry));
  if (app === undefined) return undefined;
  if (apps) {
    const [first, second] = app.at < apps.at ? [app, apps] : [apps, app];
    to.wrong(second.at, fileProblem.together(second.key, first.key, to.line(first.at)));
  }
  const name = read(nameKey.shape, app.value, "app", to);
  const described = read(appShape, { ...root, entries }, name ?? "app", to);
  const { apps: _apps, ...common } = keysFor(commands);
  const rest = read(record(common), { ...root, entries: root.entries.filter(isCommon) }, "", to);
  if (name === undefined || described === undefined) return undefined;
  return { apps: new Map([[name, described]]), ...rest };
}
