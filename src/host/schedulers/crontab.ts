import { dirname } from "node:path";
import { findBlock, replaceBlock } from "../../app/cron/crontab.ts";
import { crontabBroken, crontabDenied, crontabMissing, crontabRejected, crontabUnreadable } from "../../errors/cron.ts";
import { noConfigFolder } from "../../errors/host.ts";
import { makeFolder } from "../../oneoff/files/make-folder.ts";
import type { Owner } from "../../oneoff/reaping/owner.ts";
import { withFileLock } from "../file-lock.ts";
import type { ProgramResult, RunProgram } from "./run-program.ts";
import type { Scheduler } from "./scheduler.ts";

/** The name of the only entry. */
export const CRONTAB = "crontab";

/**
 * The crontab of the user. Its text is kept as bytes: it need not be UTF-8.
 * @param lock for concurrent changes: crontab reads and writes the whole text.
 */
export function crontabScheduler(
  run: RunProgram,
  { lock, owner }: { readonly lock: string | undefined; readonly owner: Owner },
): Scheduler {
  const call = async (argument: string, stdin?: Buffer): Promise<ProgramResult> =>
    await run(["crontab", argument], stdin).catch((error: unknown) => {
      throw crontabMissing(error);
    });

  /** @throws OneoffError unless the crontab is known to be empty. */
  async function readAll(): Promise<string> {
    const { code, stdout, stderr } = await call("-l");
    if (code === 0) return stdout.toString("latin1");
    // cron and cronie; busybox.
    if (/^no crontab for |can't open '[^']*': No such file/m.test(stderr)) return "";
    if (/not allowed to use this program/.test(stderr)) throw crontabDenied();
    throw crontabUnreadable(stderr);
  }

  const blockOf = (text: string, app: string) => {
    const block = findBlock(text, app);
    if (block === undefined) throw crontabBroken(app);
    return block;
  };

  return {
    kind: "crontab",
    place: (name) => name,
    async read(app) {
      const block = Buffer.from(blockOf(await readAll(), app), "latin1").toString();
      return new Map(block === "" ? [] : [[CRONTAB, block]]);
    },
    async replace(app, entries) {
      if (!lock) throw noConfigFolder();
      makeFolder(dirname(lock));
      await withFileLock(lock, owner, async () => {
        const text = await readAll();
        const block = Buffer.from(entries.get(CRONTAB) ?? "").toString("latin1");
        const changed = replaceBlock(text, blockOf(text, app), block);
        if (changed === text) return;
        const { code, stderr } = await call("-", Buffer.from(changed, "latin1"));
        if (code !== 0) throw crontabRejected(stderr);
      });
    },
  };
}
