import { posix } from "node:path";
import { isContents, UPLOADS, type Upload } from "../../app/transfer.ts";
import type { Transport } from "../../engine/transport.ts";
import { notFolderInOneoff } from "../../errors/files.ts";
import { type Container, type ContainerPath, resolveContainerPath, writablePath } from "./container-path.ts";
import { buildUploadPlan, isInUploads, type UploadPlan, type UploadTree } from "./upload-plan.ts";

/**
 * Resolves targets in the created container. Like `docker cp`, files go into an existing folder and through symlinks,
 * and the parent folder must exist. Folders below /tmp/uploads are created.
 * @throws OneoffError
 */
export async function placeUploads(engine: Transport, container: Container, plan: UploadPlan): Promise<UploadPlan> {
  const uploadsFolder = plan.folders.includes(UPLOADS) ? await resolveUploadsFolder(engine, container) : UPLOADS;
  const trees: UploadTree[] = [];
  for (const tree of plan.trees) {
    const { target } = tree.upload;
    // The volume that was added for the folder is empty.
    if (isFolder(tree) && plan.volumes?.includes(target)) trees.push(tree);
    else if (isInUploads(target)) trees.push(await placeInUploads(engine, container, tree, uploadsFolder));
    else trees.push(await placeTree(engine, container, tree));
  }
  return buildUploadPlan(trees, plan.secrets);
}

/** In some images /tmp/uploads is a symlink. */
async function resolveUploadsFolder(engine: Transport, container: Container): Promise<string> {
  const { path, stat } = await resolveContainerPath(engine, container, UPLOADS);
  if (stat && stat.kind !== "directory") throw notFolderInOneoff(container.name, path);
  return path;
}

async function placeInUploads(engine: Transport, container: Container, tree: UploadTree, folder: string) {
  const target = posix.join(folder, posix.relative(UPLOADS, tree.upload.target));
  // The content of a folder with this target is merged.
  if (target === folder) return withTarget(tree, target);
  return placeAt(container, tree, await resolveContainerPath(engine, container, target));
}

async function placeTree(engine: Transport, container: Container, tree: UploadTree): Promise<UploadTree> {
  const { target, intoFolder } = tree.upload;
  const path = intoFolder ? `${posix.dirname(target)}/` : target;
  return placeAt(container, tree, await writablePath(engine, container, path, isFolder(tree)));
}

function placeAt(container: Container, tree: UploadTree, end: ContainerPath): UploadTree {
  const { source } = tree.upload;
  if (end.stat?.kind !== "directory") {
    if (end.stat && isFolder(tree)) throw notFolderInOneoff(container.name, end.path);
    return withTarget(tree, end.path);
  }
  if (isFolder(tree) && isContents(source)) return withTarget(tree, end.path, { keepsFolder: true });
  const name = source === "-" ? "stdin" : posix.basename(tree.tree.files[0]?.path ?? source);
  return withTarget(tree, posix.join(end.path, name));
}

const isFolder = ({ tree }: UploadTree) => tree.files[0]?.kind === "directory";

const withTarget = (tree: UploadTree, target: string, more: Partial<Upload> = {}): UploadTree => ({
  ...tree,
  upload: { ...tree.upload, target, ...more },
});
