import { networkKeys } from "../compose/network-keys.ts";
import type { ComposeProject } from "../compose/project.ts";
import type { ComposeService } from "../compose/service.ts";
import type { ComposeBuild } from "../compose/service-parts.ts";
import { mountStatements } from "./init-mounts.ts";
import { type InitPlace, pathFrom, withoutVariables } from "./init-paths.ts";
import { runStatements, unsupportedStatements } from "./init-run.ts";
import type { Statement } from "./init-statement.ts";
import type { Value } from "./init-yaml.ts";

/** The settings of a service that oneoff.yaml can express, in the order of `oneoff help config`. */
export function serviceStatements(service: ComposeService, project: ComposeProject, place: InitPlace): Statement[] {
  const { image, build, init, user, working_dir: workdir } = service;
  return [
    ...statement("image", image),
    ...(build === undefined || image !== undefined ? [] : [{ key: "build", value: buildOf(build, place) }]),
    ...Object.entries(service.environment ?? {}).map(([name, value]) => variable(name, value)),
    ...(service.env_file ?? []).map((file) => envFile(file, place)),
    ...networkStatements(service, project),
    ...mountStatements(service, project, place),
    ...statement("user", user && withoutVariables(user)),
    ...statement("workdir", workdir && withoutVariables(workdir)),
    ...entrypointStatements(service.entrypoint),
    ...statement("init", init),
    ...runStatements(service),
    ...unsupportedStatements(service, project),
  ];
}

const statement = (key: string, value: Value | undefined): Statement[] => (value === undefined ? [] : [{ key, value }]);

/** A variable without a value is inherited, which oneoff.yaml writes explicitly. Its keys are not interpolated. */
function variable(name: string, value: string | null): Statement {
  const text = name.includes("$") ? undefined : (value ?? inherited(name));
  return { key: "env", name, value: text, ...(value === null && { isInherited: true }) };
}

const inherited = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? `\${${name}}` : undefined);

/** Compose also accepts URLs, which the builder downloads. */
function buildOf({ context = "", dockerfile, dockerfile_inline, target, args = {} }: ComposeBuild, place: InitPlace) {
  if (!context.startsWith("/") || dockerfile_inline !== undefined) return undefined;
  const path = withoutVariables(pathFrom(place, context));
  const more = Object.entries({ dockerfile: dockerfile === "Dockerfile" ? undefined : dockerfile, target }).flatMap(
    ([key, value]) => (value ? [[key, withoutVariables(value)] as const] : []),
  );
  const values = Object.entries(args).flatMap(([name, value]) => {
    const text = value ?? inherited(name);
    return text === undefined ? [] : [[name, text] as const];
  });
  if (more.length === 0 && values.length === 0) return path;
  return new Map<string, Value>([
    ["context", path],
    ...more,
    ...(values.length > 0 ? [["args", new Map(values)] as const] : []),
  ]);
}

function envFile(file: NonNullable<ComposeService["env_file"]>[number], place: InitPlace): Statement {
  const path = pathFrom(place, file.path);
  const isMissing = file.required !== true && !place.exists(file.path);
  const isReadable = !isMissing && file.format !== "raw";
  return { key: "env-file", name: path, value: isReadable ? withoutVariables(path) : undefined };
}

function networkStatements(service: ComposeService, { networks = {} }: ComposeProject): Statement[] {
  const { network_mode: mode } = service;
  if (mode !== undefined)
    return [{ key: "networks", name: mode, value: mode.startsWith("service:") ? undefined : withoutVariables(mode) }];
  // The first network has the default gateway.
  const names = new Set(networkKeys(service).map((key) => networks[key]?.name ?? key));
  return Array.from(names, (name) => ({ key: "networks", name, value: withoutVariables(name) }));
}

/** Compose interpolates variables here; oneoff leaves them to the container. */
function entrypointStatements(words: ComposeService["entrypoint"]): Statement[] {
  if (words === null) return [];
  const hasVariables = words.some((word) => word.replaceAll("$$", "").includes("$"));
  const plain = words.map((word) => word.replaceAll("$$", "$"));
  return [{ key: "entrypoint", value: hasVariables ? undefined : plain.length > 0 ? plain : "" }];
}
