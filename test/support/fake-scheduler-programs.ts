import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { RunProgram } from "../../src/host/schedulers/run-program.ts";

const result = (code: number, stdout: string | Buffer = "", stderr = "") => ({
  code,
  stdout: Buffer.from(stdout),
  stderr,
});

/**
 * `crontab` keeps its text in a file, as cron does: no empty crontab exists. A text with `denied` cannot be read, and one
 * with `invalid` cannot be written. @param calls receives the calls of systemctl.
 */
export function fakeSchedulerPrograms(file: string, calls: string[] = []): RunProgram {
  return async ([program, ...args], stdin) => {
    if (program === "systemctl") {
      calls.push(args.join(" "));
      return result(0);
    }
    if (program !== "crontab") throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
    if (args[0] === "-l") {
      if (!existsSync(file)) return result(1, "", "no crontab for me\n");
      const text = readFileSync(file);
      return text.includes("denied")
        ? result(1, "", "crontab: you are not allowed to use this program\n")
        : result(0, text);
    }
    if (stdin?.includes("invalid"))
      return result(1, "", '"-":1: bad minute\nerrors in crontab file, cannot install.\n');
    if (stdin && stdin.length > 0) writeFileSync(file, stdin);
    else rmSync(file, { force: true });
    return result(0);
  };
}
