import { fileProblem } from "../../errors/manifest.ts";
import { mapOf, record } from "../schema/collections.ts";
import { text } from "../schema/scalars.ts";
import { mapped, type Node, type Of, type Reading, read, type Shape } from "../schema/schema.ts";
import { appShape, type ManifestApp } from "./manifest-app.ts";
import { appKeys } from "./manifest-keys.ts";
import { appName } from "./manifest-shapes.ts";

export type { ManifestApp } from "./manifest-app.ts";

/** The content of `oneoff.yaml`. */
export interface Manifest {
  readonly apps: ReadonlyMap<string, ManifestApp>;
}

export const topKeys = {
  apps: { shape: mapOf(appName, appShape), about: "Apps by name.", examples: [] },
} as const;

export const nameKey = { shape: text(appName), about: "Name of the only app.", examples: ["shop"] } as const;

/** Reads apps below `apps`, or one app with its keys at the top. @returns undefined after a reported mistake. */
export function readManifest(root: Node, to: Reading): Manifest | undefined {
  const isShort = root.kind === "map" && root.entries.some(({ key }) => key === "app");
  return isShort ? readShort(root, to) : read(long, root, "", to);
}

const long: Shape<Manifest> = mapped(
  {
    ...record(topKeys),
    kinds: {
      map: (node, name, to) => {
        const outside = (key: string) => Object.hasOwn(appKeys, key);
        for (const { key, at } of node.entries) if (outside(key)) to.wrong(at, fileProblem.outsideApp(key));
        return read(record(topKeys), { ...node, entries: node.entries.filter(({ key }) => !outside(key)) }, name, to);
      },
    },
  },
  ({ apps = new Map() }) => ({ apps }),
);

function readShort(root: Of<"map">, to: Reading): Manifest | undefined {
  const entries = root.entries.filter(({ key }) => key !== "app" && key !== "apps");
  const [app, apps] = ["app", "apps"].map((name) => root.entries.find(({ key }) => key === name));
  if (app === undefined) return undefined;
  if (apps) {
    const [first, second] = app.at < apps.at ? [app, apps] : [apps, app];
    to.wrong(second.at, fileProblem.together(second.key, first.key, to.line(first.at)));
  }
  const name = read(nameKey.shape, app.value, "app", to);
  const described = read(appShape, { ...root, entries }, name ?? "app", to);
  return name === undefined || described === undefined ? undefined : { apps: new Map([[name, described]]) };
}
