import type { Inherited } from "../env.ts";
import { fillVariables } from "../fill.ts";
import { readCompose, textOf, type Values, valuesOf } from "./init-compose-tree.ts";
import { projectNameOf } from "./init-names.ts";
import { isBuiltHere, serviceStatements } from "./init-service.ts";
import type { Statement } from "./init-statement.ts";

/** What a Compose file says, as far as it matters to oneoff. */
export interface ComposeProject {
  /** Its name, without the folder. */
  readonly file: string;
  readonly project: string;
  readonly services: readonly ComposeService[];
}

export interface ComposeService {
  readonly name: string;
  readonly statements: readonly Statement[];
  /** Whether its image is built from the folder of the file, whose Procfile is then its own. */
  readonly isBuiltHere: boolean;
}

/**
 * Reads a Compose file, in the folder that it lies in.
 * @param path for errors.
 * @param variables our environment, for the project's name alone: others are kept as they are written.
 * @throws `bad-compose` for what is no Compose file; what there is in it beyond our understanding is passed over.
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

/** In Compose's own order: what is set for the moment comes before what the file says. */
function projectOf(top: Values, folderName: string, variables: Inherited): string {
  const given = fillVariables(textOf(top.get("name")) ?? "", { variables, unset() {}, room: { left: 4096 } });
  const candidates = [variables.COMPOSE_PROJECT_NAME ?? "", "filled" in given ? given.filled : "", folderName];
  return candidates.map(projectNameOf).find((name) => name !== "") ?? "";
}

/** What the engine calls a volume or network: by its `name`, else by its key, with the project's name before what is its own. */
const engineName =
  (declared: ReturnType<Values["get"]>, project: string) =>
  (key: string): string => {
    const given = valuesOf(valuesOf(declared).get(key));
    const external = given.get("external");
    const name = textOf(given.get("name")) ?? textOf(valuesOf(external).get("name"));
    const isOwn = external === undefined || external.kind === "nothing" || textOf(external) === "false";
    return name ?? (isOwn ? `${project}_${key}` : key);
  };
