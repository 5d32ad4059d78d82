import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Owner } from "../oneoff/reaping/owner.ts";
import { readWhole } from "../streams/read-whole.ts";

/**
 * This process as `<namespace>:<pid>:<start>`. The namespace is a boot of a machine with its PID namespace, so that
 * PIDs can be compared; the start, in clock ticks since the boot, distinguishes processes with a reused PID.
 * Without /proc no process is known to have exited.
 */
export function processOwner(): Owner {
  // Most commands do not ask.
  let known: string | undefined;
  const here = () => {
    known ??= place();
    return known;
  };
  return {
    get self() {
      return `${here()}:${process.pid}:${startOf(process.pid) ?? ""}`;
    },
    isAlive(owner) {
      const [, where, pid = "", start] = /^(.*):(\d+):(\d*)$/.exec(owner) ?? [];
      return where !== here() || start === "" ? undefined : startOf(pid) === start;
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

/** @returns undefined if the process does not exist or is a zombie. */
function startOf(pid: number | string): string | undefined {
  try {
    const stat = readWhole(`/proc/${pid}/stat`).toString("latin1");
    // The program's name in parentheses may contain any characters; the start is the 20th field after it.
    const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return "ZX".includes(state) ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
