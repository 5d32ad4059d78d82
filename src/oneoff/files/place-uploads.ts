import { posix } from "node:path";
import { isContents, UPLOADS, type Upload } from "../../app/transfer.ts";
import type { Transport } from "../../engine/transport.ts";
import { notFolderInOneoff } from "../../errors/files.ts";
import { type Container, type ContainerPath, resolveContainerPath, writablePath } from "./container-path.ts";
import { buildUploadPlan, isInUploads, type UploadPlan, type UploadTree } from "./upload-plan.ts";

/**
 * The plan as the container decides it, which exists by now: as docker cp, into a folder that exists, through a symlink, and
 * nowhere that has no folder for it. Below /tmp/uploads folders are made.
 * @throws OneoffError
 */
export async function placeUploads(engine: Transport, container: Container, plan: UploadPlan): Promise<UploadPlan> {
  const uploadsFolder = plan.folders.includes(UPLOADS) ? await resolveUploadsFolder(engine, container) : UPLOADS;
  const trees: UploadTree[] = [];
  for (const one of plan.trees) {
    const { target } = one.upload;
    // A volume for a folder is that folder, and empty.
    if (isFolder(one) && plan.volumes?.includes(target)) trees.push(one);
    else if (isInUploads(target)) trees.push(await placeInUploads(engine, container, one, uploadsFolder));
    else trees.push(await placeTree(engine, container, one));
  }
  return buildUploadPlan(trees, plan.secrets);
}

/** Where /tmp/uploads leads, in an image that has it as a symlink. */
async function resolveUploadsFolder(engine: Transport, container: Container): Promise<string> {
  const { path, stat } = await resolveContainerPath(engine, container, UPLOADS);
  if (stat && stat.kind !== "directory") throw notFolderInOneoff(container.name, path);
  return path;
}

async function placeInUploads(engine: Transport, container: Container, one: UploadTree, folder: string) {
  const target = posix.join(folder, posix.relative(UPLOADS, one.upload.target));
  // A folder that was given this name is put into it.
  if (target === folder) return withTarget(one, target);
  return placeAt(container, one, await resolveContainerPath(engine, container, target));
}

async function placeTree(engine: Transport, container: Container, one: UploadTree): Promise<UploadTree> {
  const { target, intoFolder } = one.upload;
  const path = intoFolder ? `${posix.dirname(target)}/` : target;
  return placeAt(container, one, await writablePath(engine, container, path, isFolder(one)));
}

function placeAt(container: Container, one: UploadTree, end: ContainerPath): UploadTree {
  const { source } = one.upload;
  if (end.stat?.kind !== "directory") {
    if (end.stat && isFolder(one)) throw notFolderInOneoff(container.name, end.path);
    return withTarget(one, end.path);
  }
  if (isFolder(one) && isContents(source)) return withTarget(one, end.path, { keepsFolder: true });
  const name = source === "-" ? "stdin" : posix.basename(one.tree.files[0]?.path ?? source);
  return withTarget(one, posix.join(end.path, name));
}

const isFolder = ({ tree }: UploadTree) => tree.files[0]?.kind === "directory";

const withTarget = (one: UploadTree, target: string, more: Partial<Upload> = {}): UploadTree => ({
  ...one,
  upload: { ...one.upload, target, ...more },
});
