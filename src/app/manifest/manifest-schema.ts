import { fileProblem } from "../../errors/manifest.ts";
import { mapOf, record } from "../schema/collections.ts";
import { text } from "../schema/scalars.ts";
import { mapped, type Node, type Of, type Reading, read, type Shape } from "../schema/schema.ts";
import { type Aliases, aliasesOf } from "./manifest-aliases.ts";
import { appShape, type ManifestApp } from "./manifest-app.ts";
import { appKeys } from "./manifest-keys.ts";
import { appName } from "./manifest-shapes.ts";

export type { ManifestApp } from "./manifest-app.ts";

/** The content of `oneoff.yaml`. */
export interface Manifest {
  readonly apps: ReadonlyMap<string, ManifestApp>;
  readonly aliases?: Aliases;
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
    ({ apps = new Map(), aliases }) => ({ apps, ...(aliases && { aliases }) }),
  );
}

function readShort(root: Of<"map">, to: Reading, commands: ReadonlySet<string>): Manifest | undefined {
  const [app, apps, named] = ["app", "apps", "aliases"].map((name) => root.entries.find(({ key }) => key === name));
  const entries = root.entries.filter((entry) => ![app, apps, named].includes(entry));
  if (app === undefined) return undefined;
  if (apps) {
    const [first, second] = app.at < apps.at ? [app, apps] : [apps, app];
    to.wrong(second.at, fileProblem.together(second.key, first.key, to.line(first.at)));
  }
  const name = read(nameKey.shape, app.value, "app", to);
  const described = read(appShape, { ...root, entries }, name ?? "app", to);
  const aliases = named && read(aliasesOf(commands), named.value, "aliases", to);
  if (name === undefined || described === undefined) return undefined;
  return { apps: new Map([[name, described]]), ...(aliases && { aliases }) };
}
