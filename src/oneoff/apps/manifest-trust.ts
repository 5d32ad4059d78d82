/** Who may have written a file that was found and not named; undefined where the platform has no such owners. */
export interface FileTrust {
  /** Of the file, of the symlink that leads to it, and so on. */
  readonly owners: readonly number[];
  /** Everybody may write to the file. */
  readonly isWritable: boolean;
  /** The folder that everybody may write to, without the sticky bit: anybody can replace the file. */
  readonly writableFolder: string | undefined;
  readonly uid: number;
  /** The user who called sudo. */
  readonly sudoUid: number | undefined;
}

const ROOT = 0;

/**
 * Why a file that was found by looking in folders upwards must not be obeyed: it may come from another user of this
 * machine. What a group may write is trusted: many distributions give each user a group, and its members write access.
 */
export function distrustReason(trust: FileTrust | undefined): string | undefined {
  if (!trust) return undefined;
  const { owners, isWritable, writableFolder, uid, sudoUid } = trust;
  const trusted = new Set([ROOT, uid, ...(uid === ROOT && sudoUid !== undefined ? [sudoUid] : [])]);
  const stranger = owners.find((owner) => !trusted.has(owner));
  if (stranger !== undefined) return `its owner is uid ${stranger}, oneoff runs as uid ${uid}`;
  if (isWritable) return "every user can write to it";
  return writableFolder === undefined ? undefined : `every user can write to ${writableFolder}`;
}
