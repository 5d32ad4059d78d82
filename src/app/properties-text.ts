import { badProperties } from "../errors/app.ts";
import { fileProblem } from "../errors/manifest.ts";
import { readJson } from "./json-file.ts";
import { anyText, string } from "./json-shapes.ts";
import { appName } from "./manifest/manifest-shapes.ts";
import { isInside, type Properties, type Scope } from "./properties.ts";
import { mapOf, record } from "./schema/collections.ts";
import { rule } from "./schema/scalars.ts";
import { mapped, type Shape } from "./schema/schema.ts";

const propertyName = rule(/^[a-z][a-z0-9-]*$/, "the name of a property");

/** A file that was edited by hand may contain values that `app-json:set` rejects. */
const scope: Shape<Scope> = mapped(mapOf(propertyName, string(anyText)), (scope, node, _name, to) => {
  const path = scope.get("appjson-path");
  if (path === undefined || isInside(path)) return scope;
  const entry = node.kind === "map" && node.entries.find(({ key }) => key === "appjson-path");
  to.wrong(
    entry ? entry.value.at : node.at,
    fileProblem.value("appjson-path", { problem: fileProblem.appJsonPath(path) }),
  );
  return undefined;
});

const properties = record({
  global: { shape: scope, about: "What counts where an app has nothing of its own.", examples: [] },
  apps: { shape: mapOf(appName, scope), about: "What is set, by app.", examples: [] },
});

/** @throws `bad-properties` for anything but the output of `propertiesText` with white space and comments. */
export function parseProperties(bytes: Uint8Array, file: string): Properties {
  const content = readJson(bytes, file, properties, badProperties);
  if (content === undefined) throw badProperties([`${file}:1:1: ${fileProblem.kind("", "a map", "nothing")}`]);
  const { global = new Map(), apps = new Map() } = content;
  return { global, apps };
}

/** Deterministic: equal properties give equal texts. */
export function propertiesText({ global, apps }: Properties): string {
  const scopes = sorted(apps).map(([app, scope]) => [app, Object.fromEntries(sorted(scope))]);
  const text = { global: Object.fromEntries(sorted(global)), apps: Object.fromEntries(scopes) };
  return `${JSON.stringify(text, null, 2)}\n`;
}

const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
