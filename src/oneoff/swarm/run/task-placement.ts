import { uptime } from "../../../engine/clock.ts";
import { warning } from "../../../errors/error.ts";
import { notScheduled, waitsForNode } from "../../../errors/swarm-task.ts";
import type { Report } from "../../../output/events.ts";
import type { StartedTask } from "./started-task.ts";
import { nodeName } from "./task-end.ts";
import type { TaskView } from "./watch-task.ts";

/** How long a task may wait for a node before that is reported. */
const WAIT_REPORT_S = 1;

/** How long a node may prepare a task, e.g. pull its image, before that is reported. */
const PREPARE_REPORT_S = 2;

type PlacedTask = Pick<StartedTask, "name" | "image" | "startTimeoutS">;

/**
 * Watches whether Swarm finds a node, from now on. @returns a function to call with each view of the task.
 * @throws OneoffError from that function when the time is over
 */
export function watchPlacement(report: Report, { name, image, startTimeoutS }: PlacedTask) {
  const created = uptime();
  let isPrepareReported = false;
  let reported: string | undefined;
  return (view: TaskView | undefined): void => {
    const seconds = uptime() - created;
    if (view?.task.Status.State === "preparing" && !isPrepareReported && seconds > PREPARE_REPORT_S) {
      isPrepareReported = true;
      report({ type: "pull", image, status: `Preparing on node ${nodeName(view)}` });
    }
    if (view && view.stage.stage !== "waiting") return;
    const reason = view?.stage.stage === "waiting" ? view.stage.reason : undefined;
    if (seconds > startTimeoutS) throw notScheduled(name, reason, startTimeoutS);
    if (reason === undefined || reason === reported || seconds < WAIT_REPORT_S) return;
    reported = reason;
    report(warning(waitsForNode(name, reason)));
  };
}
