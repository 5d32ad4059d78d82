import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Owner } from "../oneoff/reaping/owner.ts";
import { readWhole } from "../streams/read-whole.ts";

/**
 * This process as `<where>:<pid>:<start>`. Where is a boot of a machine and a space of process ids in it, so that the
 * ids can be compared; the start, in clock ticks since the boot, tells processes apart that had the same id.
 * Where there is no /proc nobody is known to have gone.
 */
export function processOwner(): Owner {
  const where = place();
  return {
    self: `${where}:${process.pid}:${startOf(process.pid) ?? ""}`,
    isAlive(owner) {
      const [, place, pid = "", start] = /^(.*):(\d+):(\d*)$/.exec(owner) ?? [];
      return place !== where || start === "" ? undefined : startOf(pid) === start;
    },
  };
}

function place(): string {
  try {
    const boot = readWhole("/proc/sys/kernel/random/boot_id").toString("latin1").trim();
    return `${boot}/${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return hostname();
  }
}

/** @returns undefined when there is no such process, or it has ended and only its parent has not taken note. */
function startOf(pid: number | string): string | undefined {
  try {
    const stat = readWhole(`/proc/${pid}/stat`).toString("latin1");
    // The name of the program, in parentheses, may have anything in it; the start is the 20th field after it.
    const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return "ZX".includes(state) ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
