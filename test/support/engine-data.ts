import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { socketOf } from "./docker-api.ts";

/** The folder of an engine's data, as its daemon sees it: it is mounted in there. Undefined where it is not to be seen. */
export function engineData(host: string): string | undefined {
  const data = join(dirname(socketOf(host)), "data");
  const daemon = readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(data));
  return daemon && `/proc/${daemon}/root${data}`;
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
