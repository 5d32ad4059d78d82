import { posix } from "node:path";
import type { App } from "../../app/app.ts";
import { appFolder } from "../../app/buildpacks.ts";
import { isProcessType, type Procfile, parseProcfile } from "../../app/procfile.ts";
import { decodeText } from "../../app/text.ts";
import { readContainerFile } from "../../engine/archive.ts";
import { createContainer, removeIfThere } from "../../engine/containers.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { linesOf, warning } from "../../errors/error.ts";
import { LABEL } from "../../identity/labels.ts";
import { uniqueName } from "../../identity/names.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { Report } from "../../output/events.ts";
import { isRelease, releaseNumber } from "../../release/release-image.ts";
import { releaseProcfile } from "../../release/release-labels.ts";
import type { ContainerCopy } from "./copy.ts";

/** Caches files of images. A lost entry only costs a request. */
export interface Cache {
  get(key: string): string | undefined;
  set(key: string, text: string): void;
}

export interface ImageProcfileContext {
  readonly engine: Transport;
  readonly cache: Cache;
  readonly report: Report;
  /** The value of the owner label. */
  readonly owner: string;
}

const MAX_PROCFILE_BYTES = 1024 * 1024;

const NO_PROCFILE: Procfile = new Map();

/**
 * Reads the Procfile in the working directory of an image, if the first argument may be a process type.
 * @param copy a container with the files of the image. Without one, a temporary container is created and removed.
 * @param details of the image, if it was inspected before.
 */
export async function readImageProcfile(
  context: ImageProcfileContext,
  app: App,
  firstWord: string | undefined,
  copy: Pick<ContainerCopy, "source" | "image" | "workingDir"> | undefined,
  details?: ImageDetails,
): Promise<Procfile> {
  if (firstWord === undefined || !isProcessType(firstWord)) return NO_PROCFILE;
  const { launcher } = app;
  if (launcher && launcher.processes.size > 0) return launcher.processes;
  const isNamed = app.from === "--image";
  // An app that is only a name needs no engine to be printed, and has no Procfile with --entrypoint.
  if (isNamed && !details && !isReleaseOf(app)) return NO_PROCFILE;
  const isCopied = copy?.source !== undefined && copy.image === app.image;
  const image: ProcfileImage | undefined = isCopied ? copy : await findImage(context.engine, app, details);
  if (!image) return NO_PROCFILE;
  if (image.procfile && image.procfile.size > 0) return image.procfile;
  // Tools such as busybox have no WORKDIR. They need no container to search a Procfile in.
  if (isNamed && (image.procfile || (!launcher && posix.resolve("/", image.workingDir) === "/"))) return NO_PROCFILE;
  const path = posix.join(image.workingDir || appFolder(launcher), "Procfile");
  const key = `procfile-${image.image.replace(/^sha256:/, "")}${path.replaceAll("/", "+")}`;
  let text = context.cache.get(key);
  if (text === undefined) {
    text = await readProcfileText(context, app, image, path);
    context.cache.set(key, text);
  }
  if (text === "") return NO_PROCFILE;
  try {
    return parseProcfile(decodeText(Buffer.from(text, "latin1"), path), `${path} of the image`);
  } catch (error) {
    // Commands such as `ls` run even if the Procfile is invalid.
    context.report(warning(linesOf(error)));
    return NO_PROCFILE;
  }
}

const isReleaseOf = ({ name, image }: App) => image.startsWith(`oneoff/${name}:`);

/** An image, and a container with its files if one exists. */
interface ProcfileImage {
  readonly source?: string | undefined;
  readonly image: string;
  readonly workingDir: string;
  /** The Procfile of a release. */
  readonly procfile?: Procfile;
}

/** @returns undefined for a missing image, which is reported when the one-off is created */
async function findImage(engine: Transport, app: App, known?: ImageDetails): Promise<ProcfileImage | undefined> {
  try {
    const details = known ?? (await inspectImage(engine, app.image));
    const { Id, Config } = details;
    const number = releaseNumber(app.name, Config?.Labels);
    const isOwn = number !== undefined && (await isRelease(engine, app.name, number, details));
    const image = { image: Id, workingDir: Config?.WorkingDir ?? "" };
    return isOwn ? { ...image, procfile: releaseProcfile(Config?.Labels) } : image;
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

/** @returns an empty string if the file does not exist */
async function readProcfileText(
  { engine, owner }: { readonly engine: Transport; readonly owner: string },
  app: App,
  { source, image }: ProcfileImage,
  path: string,
): Promise<string> {
  const name = uniqueName(app.name, "procfile");
  const Labels = ownLabels(name, { [LABEL.app]: app.name, [LABEL.kind]: "procfile", [LABEL.owner]: owner });
  const temporary =
    source === undefined ? await createContainer(engine, name, { Image: image, Cmd: ["-"], Labels }) : undefined;
  try {
    const bytes = await readContainerFile(engine, source ?? temporary?.Id ?? "", path, MAX_PROCFILE_BYTES);
    return bytes === undefined ? "" : bytes.toString("latin1");
  } finally {
    if (temporary) await removeIfThere(engine, temporary.Id);
  }
}
