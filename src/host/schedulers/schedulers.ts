import { join } from "node:path";
import type { Entries } from "../../app/cron/launch.ts";
import type { Owner } from "../../oneoff/reaping/owner.ts";
import { crontabScheduler } from "./crontab.ts";
import type { RunProgram } from "./run-program.ts";
import { systemdScheduler } from "./systemd.ts";

/** Which scheduler of the host: systemd for all users or for one, or the crontab of a user. */
export const SCHEDULER_KINDS = ["systemd", "systemd-user", "crontab"] as const;

export type SchedulerKind = (typeof SCHEDULER_KINDS)[number];

/** A scheduler of the host. */
export interface Scheduler {
  readonly kind: SchedulerKind;
  /** Where an entry is, for people. */
  place(name: string): string;
  /** What oneoff has installed for an app. */
  read(app: string): Promise<Entries>;
  /** Installs these entries instead, and nothing else of the app. */
  replace(app: string, entries: Entries): Promise<void>;
}

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
  readonly user: string | undefined;
  readonly isRoot: boolean;
  /** `/etc/systemd/system` */
  readonly unitFolder: string;
  readonly run: RunProgram;
  readonly owner: Owner;
}

export const hostSchedulers = ({ env, exists, user, isRoot, unitFolder, run, owner }: SchedulerHost): Schedulers => ({
  usual: () => (exists("/run/systemd/system") ? (isRoot ? "systemd" : "systemd-user") : "crontab"),
  unlingering: () => (user !== undefined && exists(`/var/lib/systemd/linger/${user}`) ? undefined : user),
  open(kind) {
    if (kind === "systemd") return systemdScheduler(kind, unitFolder, run);
    const folder = env.XDG_CONFIG_HOME || (env.HOME && join(env.HOME, ".config"));
    if (kind === "systemd-user") return systemdScheduler(kind, folder && join(folder, "systemd", "user"), run);
    return crontabScheduler(run, { lock: folder && join(folder, "oneoff", "crontab.lock"), owner });
  },
});
