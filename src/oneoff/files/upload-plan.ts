import { posix } from "node:path";
import { SECRETS, UPLOADS, type Upload } from "../../app/transfer.ts";
import type { Mount } from "../../engine/types.ts";
import { hiddenSecret, keptSecret, uploadedTwice } from "../../errors/files.ts";
import type { TarHeader } from "../../streams/pack-tar.ts";
import type { Owner } from "./container-user.ts";
import type { Content } from "./content.ts";
import type { LocalFile, LocalTree } from "./local-tree.ts";
import { archiveRoot, findMount, type MountConfig, uploadVolumes } from "./upload-volumes.ts";

/** One file as the container is to have it. */
export interface UploadFile extends Pick<LocalFile, "kind" | "size" | "mode" | "mtime" | "linkTarget"> {
  /** An absolute path of the container. */
  readonly target: string;
  readonly content: Content;
}

export interface UploadPlan {
  /** What the user is told, in the user's words. */
  readonly sources: readonly { readonly path: string; readonly bytes: number }[];
  readonly files: readonly UploadFile[];
  /** The folders of the container that all of it goes below. */
  readonly folders: readonly string[];
  /** All of it, in bytes. */
  readonly bytes: number;
  readonly trees: readonly UploadTree[];
  readonly secrets: readonly SecretValue[];
  /** The folders that have a volume for these uploads alone. */
  readonly volumes?: readonly string[];
}

export interface UploadTree {
  readonly upload: Upload;
  readonly tree: Pick<LocalTree, "files">;
  /** In place of the one file's own. */
  readonly content?: Content;
}

export interface SecretValue {
  readonly name: string;
  readonly value: Buffer;
}

/** @throws OneoffError when two of them would be the same file. */
export function buildUploadPlan(trees: readonly UploadTree[], secrets: readonly SecretValue[]): UploadPlan {
  const parts = trees.flatMap(({ upload, tree, content }) =>
    entriesOf(upload, tree).map(({ name, path, ...file }): UploadFile => {
      return { ...file, target: posix.join(upload.target, name), content: content ?? { path } };
    }),
  );
  const secret = secrets.map(({ name, value }): UploadFile => {
    const file = { kind: "file", size: value.length, mode: 0o400, mtime: 0 } as const;
    return { ...file, target: `${SECRETS}/${name}`, content: { bytes: value } };
  });
  const targets = [...trees.map(({ upload }) => upload.target), ...secret.map(({ target }) => target)];
  const twice = targets.find((target, at) => targets.indexOf(target) !== at);
  if (twice !== undefined) throw uploadedTwice(twice);
  return {
    sources: trees.map(({ upload, tree }) => ({ path: upload.source, bytes: totalSize(tree.files) })),
    files: [...parts, ...secret],
    folders: [...new Set([...trees.map(folderOf), ...(secrets.length > 0 ? [SECRETS] : [])])],
    bytes: totalSize(parts) + totalSize(secret),
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

/** Whether it is in the folder that oneoff makes for uploads. */
export const isInUploads = (path: string) => path === UPLOADS || path.startsWith(`${UPLOADS}/`);

/**
 * What a container has to be created with, besides its own mounts, for this to be put in before its start.
 * @throws OneoffError for what a mount would hide.
 */
export function uploadMounts(plan: UploadPlan, facts: MountConfig): Mount[] {
  const secrets = plan.files.filter(({ target }) => posix.dirname(target) === SECRETS);
  const hidden = secrets.find(({ target }) => findMount(facts, target)?.target === target);
  if (hidden) throw hiddenSecret(posix.basename(hidden.target));
  const over = findMount(facts, SECRETS);
  if (secrets[0] && over?.target === SECRETS && !over.isAnonymous) throw keptSecret(posix.basename(secrets[0].target));
  return uploadVolumes(facts, plan.folders);
}

/** One archive, and the folder to extract it in. */
export interface PlannedArchive {
  readonly root: string;
  readonly entries: readonly { readonly header: TarHeader; readonly content: Content }[];
}

/**
 * The archives that bring it: one, but for a root file system that is read-only. Of the folders that lead to a file only
 * those are in it that are ours alone: a header would change what is there.
 * @param withoutTmp whether the container has no /tmp yet.
 */
export function planArchives(
  plan: UploadPlan,
  facts: MountConfig,
  owner: Owner,
  withoutTmp: boolean,
): PlannedArchive[] {
  const mtime = Math.max(...plan.files.map((part) => part.mtime));
  const made = new Set(plan.files.flatMap(({ target }) => ownFoldersAbove(target)));
  const sent = new Set(plan.files.map(({ target }) => target));
  const folders = [...made].filter((folder) => !sent.has(folder) && isOwnFolder(facts, folder)).sort();
  const folder = { kind: "directory", size: 0, mtime, content: { bytes: Buffer.alloc(0) } } as const;
  const all: (UploadFile & Owner)[] = [
    ...(withoutTmp ? [{ ...folder, target: "/tmp", mode: 0o1777, uid: 0, gid: 0 }] : []),
    ...folders.map((target) => ({ ...folder, target, mode: 0o755, ...owner })),
    ...plan.files.map((part) => ({ ...part, ...owner })),
  ];
  const archives = Map.groupBy(all, ({ target }) => archiveRoot(facts, target));
  return Array.from(archives, ([root, parts]) => ({
    root,
    // The folder that it is extracted in is there, and stays as it is.
    entries: parts.filter(({ target }) => target !== root).map((part) => entryOf(part, root)),
  }));
}

/** The folders above a file that exist for its sake: those of uploads, and that of secrets. */
function ownFoldersAbove(target: string): string[] {
  const folder = posix.dirname(target);
  if (folder === SECRETS) return [folder];
  return isInUploads(folder) ? [...ownFoldersAbove(folder), folder] : [];
}

const isOwnFolder = (facts: MountConfig, folder: string) => findMount(facts, folder)?.isAnonymous ?? true;

const entryOf = ({ target, kind, content, linkTarget, ...part }: UploadFile & Owner, root: string) => ({
  header: {
    ...part,
    name: posix.relative(root, target),
    type: kind,
    ...(linkTarget !== undefined && { linkname: linkTarget }),
  },
  content,
});
