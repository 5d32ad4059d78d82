import type { Entries } from "../../app/cron/launch.ts";

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
