import type { Inherited } from "../env.ts";
import { fillVariables } from "../schema/interpolate.ts";
import { readCompose, textOf, type Values, valuesOf } from "./init-compose-tree.ts";
import { projectNameOf } from "./init-names.ts";
import { isBuiltHere, serviceStatements } from "./init-service.ts";
import type { Statement } from "./init-statement.ts";

/** The parts of a Compose file that oneoff uses. */
export interface ComposeProject {
  /** The file's name without its folder. */
  readonly file: string;
  readonly project: string;
  readonly services: readonly ComposeService[];
}

export interface ComposeService {
  readonly name: string;
  readonly statements: readonly Statement[];
  /** Whether the image is built from the folder of the file; the Procfile there then belongs to the service. */
  readonly isBuiltHere: boolean;
}

/**
 * Parses a Compose file.
 * @param path for errors.
 * @param variables the environment, for the project's name only; other variables are kept as written.
 * @throws `bad-compose` for anything but a Compose file; unknown keys are skipped.
 */
export function parseCompose(
  bytes: Uint8Array,
  path: string,
  { file, folderName, variables }: { file: string; folderName: string; variables: Inherited },
): ComposeProject {
  const { top, services } = readCompose(bytes, path);
  const project = projectOf(top, folderName, variables);
  const names = { volume: engineName(top.get("volumes"), project), network: engineName(top.get("networks"), project) };
  return {
    file,
    project,
    services: Array.from(services, ([name, node]) => {
      const service = valuesOf(node);
      return {
        name,
        statements: serviceStatements(service, names),
        isBuiltHere: isBuiltHere(service),
      };
    }),
  };
}

/** In the order of Compose: the environment takes precedence over the file. */
function projectOf(top: Values, folderName: string, variables: Inherited): string {
  const name = fillVariables(textOf(top.get("name")) ?? "", { variables, unset() {}, room: { left: 4096 } });
  const candidates = [variables.COMPOSE_PROJECT_NAME ?? "", "filled" in name ? name.filled : "", folderName];
  return candidates.map(projectNameOf).find((name) => name !== "") ?? "";
}

/** The name of a volume or network on the engine: its `name`, or its key, with the project's name unless external. */
const engineName =
  (declared: ReturnType<Values["get"]>, project: string) =>
  (key: string): string => {
    const settings = valuesOf(valuesOf(declared).get(key));
    const external = settings.get("external");
    const name = textOf(settings.get("name")) ?? textOf(valuesOf(external).get("name"));
    const isOwn = external === undefined || external.kind === "nothing" || textOf(external) === "false";
    return name ?? (isOwn ? `${project}_${key}` : key);
  };
