import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { RunProgram } from "../../src/host/schedulers/run-program.ts";

const result = (code: number, stdout: string | Buffer = "", stderr = "") => ({
  code,
  stdout: Buffer.from(stdout),
  stderr,
});

/**
 * `crontab` keeps its text in a file, as cron does: no empty crontab exists. A text with `unreadable` cannot be read, one
 * with `invalid` cannot be written, and `denied` is a user whom cron.deny names. @param calls receives the calls of systemctl.
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
      if (text.includes("denied"))
        return result(
          1,
          "",
          "You (me) are not allowed to use this program (crontab)\nSee crontab(1) for more information\n",
        );
      return text.includes("unreadable") ? result(1, "", "crontab: read error: Input/output error\n") : result(0, text);
    }
    if (stdin?.includes("invalid"))
      return result(1, "", '"-":1: bad minute\nerrors in crontab file, cannot install.\n');
    if (stdin && stdin.length > 0) writeFileSync(file, stdin);
    else rmSync(file, { force: true });
    return result(0);
  };
}
