import { nearestComposeFiles } from "../../app/compose/file-names.ts";
import { ambiguousApp } from "../../errors/apps.ts";
import type { Candidate } from "./candidates.ts";
import type { Files } from "./manifest-file.ts";

/**
 * Requires the project for a service that was found in another project than the one of the working folder: the command
 * would run in the wrong database. The Compose file is read only if the container belongs to another folder.
 * @throws OneoffError with both names
 */
export async function requireSameProject(
  appName: string,
  { from, qualifiedName, container: { Labels } }: Candidate,
  files: Files,
): Promise<void> {
  const folder = Labels["com.docker.compose.project.working_dir"];
  if (from !== "compose" || appName.includes("/") || folder === undefined) return;
  const isHere = `${files.cwd}/`.startsWith(`${folder}/`);
  if (isHere || !nearestComposeFiles(files.cwd, files.exists)) return;
  const { serviceNamed } = await import("../compose/compose-file.ts");
  const here = serviceNamed(files, appName);
  if (here !== undefined && here !== qualifiedName) throw ambiguousApp(appName, [here, qualifiedName]);
}
