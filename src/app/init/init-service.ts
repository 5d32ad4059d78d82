import type { Node } from "../schema/schema.ts";
import { splitWords } from "../shell-words.ts";
import { itemsOf, textOf, type Values, valuesOf } from "./init-compose-tree.ts";
import { limitStatements, wordlessStatements } from "./init-limits.ts";
import { composeMounts } from "./init-mounts.ts";
import type { Statement } from "./init-statement.ts";
import type { Value } from "./init-yaml.ts";

/** Names on the engine of volumes and networks of a Compose file. */
export interface EngineNames {
  volume(name: string): string;
  network(name: string): string;
}

/** The settings of a service that oneoff.yaml can express, in the order of `oneoff help config`. */
export function serviceStatements(service: Values, names: EngineNames): Statement[] {
  const image = textOf(service.get("image"));
  const build = buildNode(service);
  return [
    ...statement("image", image),
    ...(build === undefined || image !== undefined ? [] : [{ key: "build", value: buildOf(build) }]),
    ...variablesOf(service.get("environment")).map(([name, value]) => ({ key: "env", name, value })),
    ...itemsOf(service.get("env_file")).map(envFile),
    ...networksOf(service, names),
    ...composeMounts(service, names.volume).map(({ target, mount }) => ({ key: "mounts", name: target, value: mount })),
    ...statement("user", textOf(service.get("user"))),
    ...statement("workdir", textOf(service.get("working_dir"))),
    ...entrypointOf(service.get("entrypoint")),
    ...statement("init", initOf(service.get("init"))),
    ...limitStatements(service),
    ...wordlessStatements(service),
  ];
}

const statement = (key: string, value: Value | undefined): Statement[] => (value === undefined ? [] : [{ key, value }]);

function buildNode(service: Values): Node | undefined {
  const build = service.get("build");
  return build?.kind === "nothing" ? undefined : build;
}

const contextOf = (build: Node) => textOf(build) ?? textOf(valuesOf(build).get("context")) ?? ".";

/** Whether the image of a service is built from the folder of the Compose file. */
export function isBuiltHere(service: Values): boolean {
  const build = buildNode(service);
  return build !== undefined && /^(?:\.\/*)?$/.test(contextOf(build));
}

/** Compose also accepts URLs, which the builder downloads. */
const isRemote = (context: string) => /^(?:[a-z-]+:\/\/|git@|github\.com\/)/.test(context);

function buildOf(node: Node): Value | undefined {
  const settings = valuesOf(node);
  const context = contextOf(node);
  if (isRemote(context) || settings.has("dockerfile_inline")) return undefined;
  if (node.kind !== "map") return context;
  const args = variablesOf(settings.get("args")).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const more = (["dockerfile", "target"] as const).flatMap((key) => {
    const value = textOf(settings.get(key));
    return value === undefined ? [] : [[key, value] as const];
  });
  return new Map<string, Value>([
    ["context", context],
    ...more,
    ...(args.length > 0 ? [["args", new Map(args)] as const] : []),
  ]);
}

/** A map or a list of `NAME=VALUE`. A name without a value is inherited, which oneoff.yaml writes explicitly. */
function variablesOf(node: Node | undefined): (readonly [name: string, value: string | undefined])[] {
  const inherited = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? `\${${name}}` : undefined);
  const pairs = Array.from(node?.kind === "map" ? valuesOf(node) : [], ([name, value]) => {
    return [name, value.kind === "nothing" ? inherited(name) : textOf(value)] as const;
  });
  const lines = node?.kind === "list" ? node.items.flatMap((item) => textOf(item) ?? []) : [];
  const listed = lines.map((line) => {
    const [, name = line, value] = /^([^=]*)=([\s\S]*)$/.exec(line) ?? [];
    // Keys of oneoff.yaml are not interpolated.
    return [name, name.includes("$") ? undefined : (value ?? inherited(name))] as const;
  });
  return [...new Map([...pairs, ...listed])];
}

function envFile(node: Node): Statement {
  const settings = valuesOf(node);
  const path = textOf(node) ?? textOf(settings.get("path")) ?? "";
  return { key: "env-file", name: path, value: textOf(settings.get("required")) === "false" ? undefined : path };
}

function networksOf(service: Values, { network }: EngineNames): Statement[] {
  const mode = textOf(service.get("network_mode"));
  if (mode !== undefined)
    return [{ key: "networks", name: mode, value: mode.startsWith("service:") ? undefined : mode }];
  const networks = service.get("networks");
  const keys =
    networks?.kind === "map" ? [...valuesOf(networks).keys()] : itemsOf(networks).flatMap((item) => textOf(item) ?? []);
  const joined = new Set((keys.length > 0 ? keys : ["default"]).map(network));
  return Array.from(joined, (name) => ({ key: "networks", name, value: name }));
}

/** Compose interpolates variables here; oneoff leaves them to the container. */
function entrypointOf(node: Node | undefined): Statement[] {
  if (node === undefined || node.kind === "nothing") return [];
  const line = textOf(node);
  const texts = line === undefined ? itemsOf(node).flatMap((item) => textOf(item) ?? []) : [line];
  const plain = texts.map((text) => text.replaceAll("$$", "$"));
  const hasVariables = texts.some((text) => text.replaceAll("$$", "").includes("$"));
  const words = line === undefined ? plain : splitWords(plain[0] ?? "");
  return [
    { key: "entrypoint", value: hasVariables || words === undefined ? undefined : words.length > 0 ? words : "" },
  ];
}

const initOf = (node: Node | undefined) => (node?.kind === "truth" ? textOf(node) === "true" : textOf(node));
