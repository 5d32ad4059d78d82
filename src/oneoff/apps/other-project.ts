import { nearestComposeFiles } from "../../app/compose/file-names.ts";
import { ambiguousApp } from "../../errors/apps.ts";
import type { Candidate } from "./candidates.ts";
import type { Files } from "./manifest-file.ts";

/**
 * Requires the project of the working folder for a service that was found in a container: the command would run in the
 * wrong database. A project is more than its folder: COMPOSE_PROJECT_NAME, `.env` and `name` can name another one.
 * @throws OneoffError with both names
 */
export async function requireSameProject(
  appName: string,
  { from, qualifiedName }: Pick<Candidate, "from" | "qualifiedName">,
  files: Files,
  command?: string,
): Promise<void> {
  if (from !== "compose" || appName.includes("/")) return;
  if ((files.env.COMPOSE_FILE ?? "") === "" && !nearestComposeFiles(files.cwd, files.exists)) return;
  const { serviceNamed } = await import("../compose/compose-file.ts");
  const here = serviceNamed(files, appName);
  if (here !== undefined && here !== qualifiedName) throw ambiguousApp(appName, [here, qualifiedName], command);
}
