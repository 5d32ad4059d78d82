import { readContainerFile, statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { unknownUser } from "../../errors/files.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** In bytes. */
const MAX_PASSWD_BYTES = 8 * 1024 * 1024;

/**
 * Who a container's `user[:group]` is, by its own /etc/passwd and /etc/group, as the engine decides it at the start.
 * Nobody in particular is root, and a number need not be in there.
 * @throws OneoffError for a name that is not.
 */
export async function resolveContainerUser(engine: Transport, id: string, user: string): Promise<Owner> {
  const colon = user.indexOf(":");
  const [name, group] = colon < 0 ? [user, ""] : [user.slice(0, colon), user.slice(colon + 1)];
  const uid = numberOf(name === "" ? "0" : name);
  const gid = numberOf(group);
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  // NAME:PASSWORD:UID:GID:…
  const passwd = await readFields(engine, id, "/etc/passwd");
  const found = passwd.find((fields) => (uid === undefined ? fields[0] === name : numberOf(fields[2] ?? "") === uid));
  if (uid === undefined && !found) throw unknownUser(user, "user", name);
  const owner = { uid: uid ?? numberOf(found?.[2] ?? "") ?? 0, gid: gid ?? numberOf(found?.[3] ?? "") ?? 0 };
  if (group === "" || gid !== undefined) return owner;
  // NAME:PASSWORD:GID:…
  const entry = (await readFields(engine, id, "/etc/group")).find(([first]) => first === group);
  if (!entry) throw unknownUser(user, "group", group);
  return { ...owner, gid: numberOf(entry[2] ?? "") ?? 0 };
}

const numberOf = (text: string) => (/^\d{1,10}$/.test(text) ? Number(text) : undefined);

async function readFields(engine: Transport, id: string, path: string): Promise<string[][]> {
  const stat = await statContainerPath(engine, id, path);
  const file = stat?.kind === "symlink" ? stat.linkTarget : path;
  const text = stat && (await readContainerFile(engine, id, file, MAX_PASSWD_BYTES));
  return (text?.toString() ?? "").split("\n").map((line) => line.trim().split(":"));
}
