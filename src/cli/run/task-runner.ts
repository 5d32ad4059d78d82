import { noTaskOption } from "../../errors/swarm-task.ts";
import type { runAttached, runDetached } from "../../oneoff/session/run.ts";
import {
  checkServiceTask,
  describeServiceTask,
  runDetachedTask,
  runServiceTask,
  type ServiceTask,
} from "../../oneoff/swarm/run/run-task.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { escapedJson } from "../../text/escape.ts";
import type { PrintFormat } from "./print.ts";

/** Runs a one-off as a service task instead of a container. */
export interface Runner {
  readonly attached: (...facts: Parameters<typeof runAttached>) => Promise<number>;
  readonly detached: typeof runDetached;
  /** The create request, without values of variables. */
  print(format: PrintFormat): string;
}

/** @param input the kind of stdin. @throws OneoffError for what a service task cannot have. */
export function taskRunner(task: ServiceTask, input: Terminal["input"]): Runner {
  checkServiceTask(task, input);
  return {
    attached: (session) => runServiceTask(session, task),
    detached: (session) => runDetachedTask(session, task),
    print(format) {
      if (format === "docker") throw noTaskOption("--print=docker", "oneoff run --print …");
      return `${escapedJson(describeServiceTask(task), 2)}\n`;
    },
  };
}
