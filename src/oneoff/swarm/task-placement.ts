import { uptime } from "../../engine/clock.ts";
import { warning } from "../../errors/error.ts";
import { notScheduled, waitsForNode } from "../../errors/swarm-task.ts";
import type { Report } from "../../output/events.ts";
import type { TaskView } from "./watch-task.ts";

/** How long a task without a node may last before that is reported. */
const WAIT_REPORT_S = 1;

/**
 * Watches whether Swarm finds a node, from now on. @returns a function to call with each view of the task.
 * @throws OneoffError from that function when the time is over
 */
export function watchPlacement(report: Report, { name, startTimeoutS }: { name: string; startTimeoutS: number }) {
  const created = uptime();
  let reported: string | undefined;
  return (view: TaskView | undefined): void => {
    if (view && view.stage.stage !== "waiting") return;
    const reason = view?.stage.stage === "waiting" ? view.stage.reason : undefined;
    const seconds = uptime() - created;
    if (seconds > startTimeoutS) throw notScheduled(name, reason, startTimeoutS);
    if (reason === undefined || reason === reported || seconds < WAIT_REPORT_S) return;
    reported = reason;
    report(warning(waitsForNode(name, reason)));
  };
}
