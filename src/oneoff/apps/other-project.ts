import { mayHaveProject } from "../../app/compose/file-names.ts";
import { ambiguousApp } from "../../errors/apps.ts";
import { qualifiedServiceName, type ServiceApp, serviceAppNames } from "../swarm/services/service-app.ts";
import type { Candidate } from "./candidates.ts";
import type { Files } from "./manifest-file.ts";

/**
 * Requires the project of the working folder for a service that was found in a container or in a stack: the command
 * would run in the wrong database. A project is more than its folder: COMPOSE_PROJECT_NAME, `.env` and `name` can name
 * another one. A stack has the name of its project.
 * @throws OneoffError with both names
 */
export async function requireSameProject(
  appName: string,
  found: { readonly candidate?: Candidate | undefined; readonly service?: ServiceApp | undefined },
  files: Files,
  command?: string,
): Promise<void> {
  const project = projectServiceOf(found);
  if (!project || appName.includes("/") || appName.startsWith("swarm:")) return;
  if (!mayHaveProject(files)) return;
  const { serviceNamed } = await import("../compose/compose-file.ts");
  const here = serviceNamed(files, appName);
  if (here !== undefined && here !== project.service)
    throw ambiguousApp(appName, [here, project.qualifiedName], command);
}

/** The service as a Compose file would name it: `compose:shop/web`. */
function projectServiceOf({ candidate, service }: Parameters<typeof requireSameProject>[1]) {
  if (candidate?.from === "compose")
    return { service: candidate.qualifiedName, qualifiedName: candidate.qualifiedName };
  const inStack = service && serviceAppNames(service).find((name) => name.includes("/"));
  return service && inStack && { service: `compose:${inStack}`, qualifiedName: qualifiedServiceName(service) };
}
