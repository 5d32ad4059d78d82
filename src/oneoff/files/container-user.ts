import { readContainerFile, statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { unknownUser } from "../../errors/files.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const MAX_PASSWD_BYTES = 8 * 1024 * 1024;

/**
 * Resolves `user[:group]` with the container's /etc/passwd and /etc/group, as the engine does at start. An empty user
 * is root. IDs do not need an entry.
 * @throws OneoffError for an unknown name
 */
export async function resolveContainerUser(engine: Transport, id: string, user: string): Promise<Owner> {
  const colon = user.indexOf(":");
  const [name, group] = colon < 0 ? [user, ""] : [user.slice(0, colon), user.slice(colon + 1)];
  const uid = numberOf(name === "" ? "0" : name);
  const gid = numberOf(group);
  if (uid !== undefined && gid !== undefined) return { uid, gid };
  // NAME:PASSWORD:UID:GID:…
  const passwd = await readFields(engine, id, "/etc/passwd");
  const account = passwd.find((fields) => (uid === undefined ? fields[0] === name : numberOf(fields[2] ?? "") === uid));
  if (uid === undefined && !account) throw unknownUser(user, "user", name);
  const owner = { uid: uid ?? numberOf(account?.[2] ?? "") ?? 0, gid: gid ?? numberOf(account?.[3] ?? "") ?? 0 };
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
