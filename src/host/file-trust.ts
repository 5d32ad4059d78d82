import { lstatSync, realpathSync, type Stats, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { FileTrust } from "../oneoff/apps/manifest-trust.ts";
import { decodePath, fsPath } from "../streams/path-bytes.ts";

const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/** File systems without real owners and modes: 9p (/mnt/c of WSL), FAT, exFAT, NTFS, VirtualBox shared folders. */
const WITHOUT_OWNERS = new Set([0x01021997, 0x4d44, 0x2011bab0, 0x7366746e, 0x5346544e, 0x786f4256]);

/** @returns undefined if files have no owners, and for a missing file, which the read reports. */
export function fileTrust(path: string, env: Readonly<Record<string, string | undefined>>): FileTrust | undefined {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  try {
    if (!hasOwners(path)) return undefined;
    const real = decodePath(realpathSync.native(fsPath(path), "buffer"));
    const file = statSync(fsPath(real));
    const folders = [...new Set([dirname(path), dirname(real)])];
    return {
      owners: [lstatSync(fsPath(path)).uid, file.uid],
      isWritable: (file.mode & WRITABLE_BY_ALL) !== 0,
      writableFolder: folders.find((folder) => isOpen(statSync(fsPath(folder)))),
      uid,
      sudoUid: /^\d+$/.test(env.SUDO_UID ?? "") ? Number(env.SUDO_UID) : undefined,
    };
  } catch {
    return undefined;
  }
}

function hasOwners(path: string): boolean {
  try {
    return !WITHOUT_OWNERS.has(statfsSync(fsPath(path)).type);
  } catch {
    // Without the type of the file system, owners are compared.
    return true;
  }
}

const isOpen = ({ mode }: Stats) => (mode & WRITABLE_BY_ALL) !== 0 && (mode & STICKY) === 0;
