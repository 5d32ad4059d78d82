/** The users that can write a file. */
export interface FileTrust {
  /** The owners of the file and of the symlinks to it. */
  readonly owners: readonly number[];
  /** Whether every user can write to the file. */
  readonly isWritable: boolean;
  /** A world-writable folder without the sticky bit, in which every user can replace the file. */
  readonly writableFolder: string | undefined;
  readonly uid: number;
  /** The user who called sudo. */
  readonly sudoUid: number | undefined;
}

const ROOT = 0;

/**
 * Returns the reason to reject a file that another user of this machine may have written.
 * Group write access is accepted, because many distributions create a group for each user.
 * @param trust undefined on platforms without file owners.
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
