import { posix } from "node:path";
import { appFolder, launcherOfImage } from "../../app/buildpacks.ts";
import { readContainerFile, statContainerPath } from "../../engine/archive.ts";
import { createContainer, removeIfThere } from "../../engine/containers.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import type { Transport } from "../../engine/transport.ts";
import { unreadable } from "../../errors/files.ts";
import { errno } from "../../errors/io.ts";
import { LABEL } from "../../identity/labels.ts";
import { uniqueName } from "../../identity/names.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { Cache } from "../../oneoff/apps/image-procfile.ts";
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

interface ImageFilesContext {
  readonly engine: Transport;
  /** The value of the owner label. */
  readonly owner: string;
  readonly cache: Cache;
  readonly files: Pick<Files, "readFile">;
}

/**
 * Reads Procfile and app.json from the working directory of an image: from the cache, else through a container that is
 * never started. Paths in oneoff.yaml are read from this machine.
 * @throws OneoffError like `readSourceFiles`.
 */
export async function readImageFiles(
  context: ImageFilesContext,
  { app, image }: { readonly app: string; readonly image: ImageDetails },
  paths: SourcePaths,
): Promise<SourceFiles> {
  const { engine, cache, files } = context;
  const procfile = localProcfile(paths, files);
  const appJson = localAppJson(paths, files);
  if (procfile && appJson) return sourceFiles(procfile, appJson);
  const { Id: Image, Config } = image;
  const folder = Config?.WorkingDir || appFolder(launcherOfImage(Config ?? {}));
  let container: string | undefined;
  const read = async (path: string): Promise<OptionalFile> => {
    const key = `file-${Image.replace(/^sha256:/, "")}${path.replaceAll("/", "+")}`;
    const known = cache.get(key);
    // A file of the cache may be empty after a loss of power.
    if (known) return { where: nameOf(path), bytes: contentOf(known) };
    container ??= await createSource(context, app, Image);
    const file = await readImageFile(engine, container, path);
    cache.set(key, cacheText(file.bytes));
    return file;
  };
  try {
    return sourceFiles(
      procfile ?? (await read(posix.join(folder, "Procfile"))),
      appJson ?? (await read(posix.join(folder, paths.appJsonPath))),
    );
  } finally {
    if (container !== undefined) await removeIfThere(engine, container);
  }
}

async function createSource({ engine, owner }: ImageFilesContext, app: string, Image: string): Promise<string> {
  const name = uniqueName(app, "procfile");
  const Labels = ownLabels(name, { [LABEL.app]: app, [LABEL.kind]: "procfile", [LABEL.owner]: owner });
  return (await createContainer(engine, name, { Image, Cmd: ["-"], Labels })).Id;
}

/** The cached text of a file; a missing file is different from an empty one. */
const cacheText = (bytes: Uint8Array | undefined) => (bytes ? `=${Buffer.from(bytes).toString("latin1")}` : "-");

const contentOf = (text: string) => (text === "-" ? undefined : Buffer.from(text.slice(1), "latin1"));

const nameOf = (path: string) => `${path} of the image`;

/** Follows a symlink, because the engine would send the link itself. */
async function readImageFile(engine: Transport, id: string, path: string): Promise<OptionalFile> {
  const where = nameOf(path);
  const pathStat = await statContainerPath(engine, id, path);
  const target = pathStat?.kind === "symlink" ? pathStat.linkTarget : path;
  const stat = target === path ? pathStat : await statContainerPath(engine, id, target);
  if (!stat) return { where, bytes: undefined };
  if (stat.kind === "directory") throw unreadable("Cannot read", where, errno.isFolder());
  if (stat.kind !== "file") throw unreadable("Cannot read", where, errno.notRegular());
  if (stat.size > MAX_FILE_BYTES) throw unreadable("The file", where, errno.tooLarge(MAX_FILE_BYTES));
  return { where, bytes: await readContainerFile(engine, id, target, MAX_FILE_BYTES) };
}
