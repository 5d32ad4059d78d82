import { statSync } from "node:fs";
import { userName } from "../../host/user-name.ts";
import { readWhole } from "../../streams/read-whole.ts";
import type { SocketFacts } from "./facts.ts";

/** Whose a socket is, and what we are to it; undefined where it is not there, or hidden. */
export function probeSocket(path: string): SocketFacts | undefined {
  try {
    const { gid, mode } = statSync(path);
    const [group, members] = groupOf(gid);
    return {
      group,
      mode: (mode & 0o777).toString(8),
      isIn: process.getuid?.() === 0 || (process.getgroups?.().includes(gid) ?? false),
      isMember: members.includes(userName() ?? ""),
    };
  } catch {
    return undefined;
  }
}

function groupOf(gid: number): [name: string, members: readonly string[]] {
  const lines = readWhole("/etc/group").toString().split("\n");
  const found = lines.map((line) => line.split(":")).find(([, , id]) => id === String(gid));
  return [found?.[0] ?? String(gid), found?.[3]?.split(",") ?? []];
}
