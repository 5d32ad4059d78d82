import { join } from "node:path";
import type { Owner } from "../../oneoff/reaping/owner.ts";
import { crontabScheduler } from "./crontab.ts";
import type { RunProgram } from "./run-program.ts";
import type { Scheduler, SchedulerKind } from "./scheduler.ts";
import { systemdScheduler } from "./systemd.ts";

export interface Schedulers {
  /** systemd if it runs: of the system for root, else of the user. */
  usual(): SchedulerKind;
  open(kind: SchedulerKind): Scheduler;
  /** The user, if the service manager of the user ends at logout. */
  unlingering(): string | undefined;
}

export interface SchedulerHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
  user(): string | undefined;
  readonly isRoot: boolean;
  /** `/etc/systemd/system` */
  readonly unitFolder: string;
  readonly run: RunProgram;
  readonly owner: Owner;
}

export const hostSchedulers = ({ env, exists, user, isRoot, unitFolder, run, owner }: SchedulerHost): Schedulers => ({
  usual: () => (exists("/run/systemd/system") ? (isRoot ? "systemd" : "systemd-user") : "crontab"),
  unlingering() {
    const name = user();
    return name !== undefined && exists(`/var/lib/systemd/linger/${name}`) ? undefined : name;
  },
  open(kind) {
    if (kind === "systemd") return systemdScheduler(kind, unitFolder, run);
    const folder = env.XDG_CONFIG_HOME || (env.HOME && join(env.HOME, ".config"));
    if (kind === "systemd-user") return systemdScheduler(kind, folder && join(folder, "systemd", "user"), run);
    return crontabScheduler(run, { lock: folder && join(folder, "oneoff", "crontab.lock"), owner });
  },
});
