import { posix } from "node:path";
import { SECRETS, UPLOADS, type Upload } from "../../app/transfer.ts";
import type { Mount } from "../../engine/types.ts";
import { hiddenSecret, keptSecret, uploadedTwice } from "../../errors/files.ts";
import type { TarHeader } from "../../streams/pack-tar.ts";
import type { Owner } from "./container-user.ts";
import type { Content } from "./content.ts";
import type { LocalFile, LocalTree } from "./local-tree.ts";
import { archiveRoot, type MountFacts, mountOver, uploadVolumes } from "./upload-volumes.ts";

/** One file as the container is to have it. */
export interface Part extends Pick<LocalFile, "kind" | "size" | "mode" | "mtime" | "leads"> {
  /** An absolute path of the container. */
  readonly target: string;
  readonly content: Content;
}

export interface UploadPlan {
  /** What the user is told, in the user's words. */
  readonly announced: readonly { readonly path: string; readonly bytes: number }[];
  readonly parts: readonly Part[];
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
export function uploadPlan(trees: readonly UploadTree[], secrets: readonly SecretValue[]): UploadPlan {
  const parts = trees.flatMap(({ upload, tree, content }) =>
    entriesOf(upload, tree).map(({ name, path, ...file }): Part => {
      return { ...file, target: posix.join(upload.target, name), content: content ?? { path } };
    }),
  );
  const secret = secrets.map(({ name, value }): Part => {
    const file = { kind: "file", size: value.length, mode: 0o400, mtime: 0 } as const;
    return { ...file, target: `${SECRETS}/${name}`, content: { bytes: value } };
  });
  const targets = [...trees.map(({ upload }) => upload.target), ...secret.map(({ target }) => target)];
  const twice = targets.find((target, at) => targets.indexOf(target) !== at);
  if (twice !== undefined) throw uploadedTwice(twice);
  return {
    announced: trees.map(({ upload, tree }) => ({ path: upload.source, bytes: sum(tree.files) })),
    parts: [...parts, ...secret],
    folders: [...new Set([...trees.map(folderOf), ...(secrets.length > 0 ? [SECRETS] : [])])],
    bytes: sum(parts) + sum(secret),
    trees,
    secrets,
  };
}

const sum = (files: readonly { readonly size: number }[]) => files.reduce((total, { size }) => total + size, 0);

const entriesOf = ({ keepsFolder }: Upload, { files }: UploadTree["tree"]) =>
  keepsFolder ? files.filter(({ name }) => name !== "") : files;

function folderOf({ upload: { target }, tree }: UploadTree): string {
  if (isOurs(target)) return UPLOADS;
  return tree.files[0]?.kind === "directory" ? target : posix.dirname(target);
}

/** Whether it is in the folder that oneoff makes for uploads. */
export const isOurs = (path: string) => path === UPLOADS || path.startsWith(`${UPLOADS}/`);

/**
 * What a container has to be created with, besides its own mounts, for this to be put in before its start.
 * @throws OneoffError for what a mount would hide.
 */
export function uploadMounts(plan: UploadPlan, facts: MountFacts): Mount[] {
  const secrets = plan.parts.filter(({ target }) => posix.dirname(target) === SECRETS);
  const hidden = secrets.find(({ target }) => mountOver(facts, target)?.target === target);
  if (hidden) throw hiddenSecret(posix.basename(hidden.target));
  const over = mountOver(facts, SECRETS);
  if (secrets[0] && over?.target === SECRETS && !over.isNameless) throw keptSecret(posix.basename(secrets[0].target));
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
export function plannedArchives(
  plan: UploadPlan,
  facts: MountFacts,
  owner: Owner,
  withoutTmp: boolean,
): PlannedArchive[] {
  const mtime = Math.max(...plan.parts.map((part) => part.mtime));
  const made = new Set(plan.parts.flatMap(({ target }) => foldersTo(target)));
  const sent = new Set(plan.parts.map(({ target }) => target));
  const folders = [...made].filter((folder) => !sent.has(folder) && mayOwn(facts, folder)).sort();
  const folder = { kind: "directory", size: 0, mtime, content: { bytes: Buffer.alloc(0) } } as const;
  const all: (Part & Owner)[] = [
    ...(withoutTmp ? [{ ...folder, target: "/tmp", mode: 0o1777, uid: 0, gid: 0 }] : []),
    ...folders.map((target) => ({ ...folder, target, mode: 0o755, ...owner })),
    ...plan.parts.map((part) => ({ ...part, ...owner })),
  ];
  const archives = Map.groupBy(all, ({ target }) => archiveRoot(facts, target));
  return Array.from(archives, ([root, parts]) => ({
    root,
    // The folder that it is extracted in is there, and stays as it is.
    entries: parts.filter(({ target }) => target !== root).map((part) => entryOf(part, root)),
  }));
}

/** The folders above a file that exist for its sake: those of uploads, and that of secrets. */
function foldersTo(target: string): string[] {
  const folder = posix.dirname(target);
  if (folder === SECRETS) return [folder];
  return isOurs(folder) ? [...foldersTo(folder), folder] : [];
}

const mayOwn = (facts: MountFacts, folder: string) => mountOver(facts, folder)?.isNameless ?? true;

const entryOf = ({ target, kind, content, leads, ...part }: Part & Owner, root: string) => ({
  header: {
    ...part,
    name: posix.relative(root, target),
    type: kind,
    ...(leads !== undefined && { linkname: leads }),
  },
  content,
});
