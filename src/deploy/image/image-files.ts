import { posix } from "node:path";
import { appFolder, launcherOfImage } from "../../app/buildpacks.ts";
import { readContainerFile, statContainerPath } from "../../engine/archive.ts";
import { createContainer, removeIfThere } from "../../engine/containers.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { unreadable } from "../../errors/files.ts";
import { errno } from "../../errors/io.ts";
import { LABEL } from "../../identity/labels.ts";
import { uniqueName } from "../../identity/names.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { Files } from "../../oneoff/apps/manifest-file.ts";
import {
  localAppJson,
  localProcfile,
  type OptionalFile,
  type SourceFiles,
  type SourcePaths,
  sourceFiles,
} from "./source-files.ts";

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * Reads Procfile and app.json from the working directory of an image, through a container that is never started. Paths
 * in oneoff.yaml are read from this machine.
 * @throws OneoffError like `readSourceFiles`.
 */
export async function readImageFiles(
  context: { readonly engine: Transport; readonly owner: string; readonly files: Pick<Files, "readFile"> },
  { app, image }: { readonly app: string; readonly image: string },
  paths: SourcePaths,
): Promise<SourceFiles> {
  const { engine, owner, files } = context;
  const procfile = localProcfile(paths, files);
  const appJson = localAppJson(paths, files);
  if (procfile && appJson) return sourceFiles(procfile, appJson);
  const { Id: Image, Config } = await inspectImage(engine, image);
  const folder = Config?.WorkingDir || appFolder(launcherOfImage(Config ?? {}));
  const name = uniqueName(app, "procfile");
  const Labels = ownLabels(name, { [LABEL.app]: app, [LABEL.kind]: "procfile", [LABEL.owner]: owner });
  const { Id } = await createContainer(engine, name, { Image, Cmd: ["-"], Labels });
  try {
    return sourceFiles(
      procfile ?? (await readImageFile(engine, Id, posix.join(folder, "Procfile"))),
      appJson ?? (await readImageFile(engine, Id, posix.join(folder, paths.appJsonPath))),
    );
  } finally {
    await removeIfThere(engine, Id);
  }
}

/** Follows a symlink, because the engine would send the link itself. */
async function readImageFile(engine: Transport, id: string, path: string): Promise<OptionalFile> {
  const where = `${path} of the image`;
  const pathStat = await statContainerPath(engine, id, path);
  const target = pathStat?.kind === "symlink" ? pathStat.linkTarget : path;
  const stat = target === path ? pathStat : await statContainerPath(engine, id, target);
  if (!stat) return { where, bytes: undefined };
  if (stat.kind === "directory") throw unreadable("Cannot read", where, errno.isFolder());
  if (stat.kind !== "file") throw unreadable("Cannot read", where, errno.notRegular());
  if (stat.size > MAX_FILE_BYTES) throw unreadable("The file", where, errno.tooLarge(MAX_FILE_BYTES));
  return { where, bytes: await readContainerFile(engine, id, target, MAX_FILE_BYTES) };
}
