import { posix } from "node:path";
import { SECRETS, UPLOADS, type Upload } from "../../app/transfer.ts";
import type { Mount } from "../../engine/mount-types.ts";
import { hiddenSecret, keptSecret, uploadedTwice } from "../../errors/files.ts";
import type { TarHeader } from "../../streams/tar-header.ts";
import type { Owner } from "./container-user.ts";
import type { Content } from "./content.ts";
import type { LocalFile, LocalTree } from "./local-tree.ts";
import { archiveRoot, findMount, type MountConfig, uploadVolumes } from "./upload-volumes.ts";

/** A file to create in the container. */
export interface UploadFile extends Pick<LocalFile, "kind" | "size" | "mode" | "mtime" | "linkTarget"> {
  /** An absolute path in the container. */
  readonly target: string;
  readonly content: Content;
}

export interface UploadPlan {
  /** The paths to print, as typed, and where they go in the container. */
  readonly sources: readonly { readonly path: string; readonly target: string; readonly bytes: number }[];
  readonly files: readonly UploadFile[];
  /** The folders in the container that receive the files. */
  readonly folders: readonly string[];
  /** The total size. */
  readonly bytes: number;
  readonly trees: readonly UploadTree[];
  readonly secrets: readonly SecretValue[];
  /** The folders with a volume that was added for these uploads. */
  readonly volumes?: readonly string[];
}

export interface UploadTree {
  readonly upload: Upload;
  readonly tree: Pick<LocalTree, "files">;
  /** Replaces the content of the only file. */
  readonly content?: Content;
}

export interface SecretValue {
  readonly name: string;
  readonly value: Buffer;
}

/** @throws OneoffError if two uploads have the same target */
export function buildUploadPlan(trees: readonly UploadTree[], secrets: readonly SecretValue[]): UploadPlan {
  const uploads = trees.flatMap(({ upload, tree, content }) =>
    entriesOf(upload, tree).map(({ name, path, ...file }): UploadFile => {
      return { ...file, target: posix.join(upload.target, name), content: content ?? { path } };
    }),
  );
  const secretFiles = secrets.map(({ name, value }): UploadFile => {
    const file = { kind: "file", size: value.length, mode: 0o400, mtime: 0 } as const;
    return { ...file, target: `${SECRETS}/${name}`, content: { bytes: value } };
  });
  const targets = [...trees.map(({ upload }) => upload.target), ...secretFiles.map(({ target }) => target)];
  const duplicate = targets.find((target, at) => targets.indexOf(target) !== at);
  if (duplicate !== undefined) throw uploadedTwice(duplicate);
  return {
    sources: trees.map(({ upload: { source, target }, tree }) => {
      return { path: source, target, bytes: totalSize(tree.files) };
    }),
    files: [...uploads, ...secretFiles],
    folders: [...new Set([...trees.map(folderOf), ...(secrets.length > 0 ? [SECRETS] : [])])],
    bytes: totalSize(uploads) + totalSize(secretFiles),
    trees,
    secrets,
  };
}

const totalSize = (files: readonly { readonly size: number }[]) => files.reduce((total, { size }) => total + size, 0);

const entriesOf = ({ keepsFolder }: Upload, { files }: UploadTree["tree"]) =>
  keepsFolder ? files.filter(({ name }) => name !== "") : files;

function folderOf({ upload: { target }, tree }: UploadTree): string {
  if (isInUploads(target)) return UPLOADS;
  return tree.files[0]?.kind === "directory" ? target : posix.dirname(target);
}

/** Whether a path is in the folder that oneoff creates for uploads. */
export const isInUploads = (path: string) => path === UPLOADS || path.startsWith(`${UPLOADS}/`);

/**
 * Returns the mounts to add to a container so that the files can be written before its start.
 * @throws OneoffError for a file that a mount would hide
 */
export function uploadMounts(plan: UploadPlan, config: MountConfig): Mount[] {
  const secrets = plan.files.filter(({ target }) => posix.dirname(target) === SECRETS);
  const hidden = secrets.find(({ target }) => findMount(config, target)?.target === target);
  if (hidden) throw hiddenSecret(posix.basename(hidden.target));
  const mount = findMount(config, SECRETS);
  if (secrets[0] && mount?.target === SECRETS && !mount.isAnonymous)
    throw keptSecret(posix.basename(secrets[0].target));
  return uploadVolumes(config, plan.folders);
}

/** An archive and the folder to extract it in. */
export interface PlannedArchive {
  readonly root: string;
  readonly entries: readonly { readonly header: TarHeader; readonly content: Content }[];
}

/**
 * Plans one archive, or one per mount if the root file system is read-only. Existing folders are not in the archive,
 * because their headers would change mode and owner.
 * @param lacksTmp whether /tmp has to be created.
 */
export function planArchives(plan: UploadPlan, config: MountConfig, owner: Owner, lacksTmp: boolean): PlannedArchive[] {
  const mtime = Math.max(...plan.files.map((file) => file.mtime));
  const parents = new Set(plan.files.flatMap(({ target }) => ownFoldersAbove(target)));
  const targets = new Set(plan.files.map(({ target }) => target));
  const folders = [...parents].filter((folder) => !targets.has(folder) && isOwnFolder(config, folder)).sort();
  const folder = { kind: "directory", size: 0, mtime, content: { bytes: Buffer.alloc(0) } } as const;
  const all: (UploadFile & Owner)[] = [
    ...(lacksTmp ? [{ ...folder, target: "/tmp", mode: 0o1777, uid: 0, gid: 0 }] : []),
    ...folders.map((target) => ({ ...folder, target, mode: 0o755, ...owner })),
    ...plan.files.map((file) => ({ ...file, ...owner })),
  ];
  const archives = Map.groupBy(all, ({ target }) => archiveRoot(config, target));
  return Array.from(archives, ([root, files]) => ({
    root,
    // The root exists already, and must not change.
    entries: files.filter(({ target }) => target !== root).map((file) => entryOf(file, root)),
  }));
}

/** The parent folders that oneoff creates: for uploads and for secrets. */
function ownFoldersAbove(target: string): string[] {
  const folder = posix.dirname(target);
  if (folder === SECRETS) return [folder];
  return isInUploads(folder) ? [...ownFoldersAbove(folder), folder] : [];
}

const isOwnFolder = (config: MountConfig, folder: string) => findMount(config, folder)?.isAnonymous ?? true;

const entryOf = ({ target, kind, content, linkTarget, ...attributes }: UploadFile & Owner, root: string) => ({
  header: {
    ...attributes,
    name: posix.relative(root, target),
    type: kind,
    ...(linkTarget !== undefined && { linkname: linkTarget }),
  },
  content,
});
