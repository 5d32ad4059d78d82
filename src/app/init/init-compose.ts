import type { LoadedCompose } from "../compose/project.ts";
import { type InitPlace, pathFrom } from "./init-paths.ts";
import { serviceStatements } from "./init-service.ts";
import type { Statement } from "./init-statement.ts";

/** The services of a Compose file, for oneoff.yaml. */
export interface ComposeServices {
  /** The name of the Compose file, relative to oneoff.yaml. */
  readonly file: string;
  readonly project: string;
  readonly services: readonly InitService[];
}

export interface InitService {
  readonly name: string;
  readonly statements: readonly Statement[];
  /** Whether the image is built from the folder of oneoff.yaml; the Procfile there then belongs to the service. */
  readonly isBuiltHere: boolean;
}

/** @param loaded with `keepsVariables`. */
export function composeServices({ project, files }: LoadedCompose, place: InitPlace): ComposeServices {
  return {
    file: pathFrom(place, files[0] ?? "").replace(/^\.\//, ""),
    project: project.name,
    services: Object.entries(project.services).map(([name, service]) => ({
      name,
      statements: serviceStatements(service, project, place),
      isBuiltHere: service.build?.context === place.folder,
    })),
  };
}
