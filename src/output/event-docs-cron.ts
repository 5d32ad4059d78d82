import type { EventDocs } from "./event-docs-types.ts";

const app = ["string", "app name"] as const;
const scheduler = ["string", "systemd, systemd-user or crontab"] as const;

/** The events about schedules of tasks. */
export const CRON_EVENT_DOCS: Pick<EventDocs, "cron-installed" | "cron-outdated" | "cron-removed"> = {
  "cron-installed": {
    description: "the schedules of the app were installed",
    fields: { app, scheduler, tasks: ["number", "number of tasks, without suspended ones"] },
  },
  "cron-outdated": {
    description: "the installed schedules of the app differ from its tasks",
    fields: { app, scheduler: ["string or null", "as above, null if none are installed"] },
  },
  "cron-removed": { description: "the schedules of the app were removed", fields: { app, scheduler } },
};
