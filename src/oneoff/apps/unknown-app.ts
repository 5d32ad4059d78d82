import { nearestComposeFiles } from "../../app/compose/file-names.ts";
import { didYouMean } from "../../app/did-you-mean.ts";
import type { Transport } from "../../engine/transport.ts";
import { unknownApp } from "../../errors/apps.ts";
import { listApps } from "./app-list.ts";
import type { ManifestFile } from "./manifest-file.ts";

/**
 * Lists the known apps and the most similar name.
 * @param command for the error.
 * @param nearby see `listApps`.
 */
export async function unknownAppError(
  engine: Transport,
  name: string,
  manifestFile: ManifestFile | undefined,
  command = "run",
  nearby?: Parameters<typeof listApps>[2],
) {
  const appNames = (await listApps(engine, manifestFile, nearby)).map((app) => app.name);
  // A service is also found without its project.
  const near = didYouMean(name, [...appNames, ...appNames.map((appName) => appName.replace(/^.*\//, ""))]);
  const [compose] = (nearby && nearestComposeFiles(nearby.files.cwd, nearby.files.exists)) ?? [];
  return unknownApp(name, near, appNames, { manifest: manifestFile?.file, compose }, command);
}
