import type { Service } from "../../../engine/swarm/service-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import { LABEL } from "../../../identity/labels.ts";
import { labelOf } from "../../../identity/ownership.ts";
import { type OneoffExit, STOP_EXIT_CODES } from "../../session/wait.ts";
import { exitCodeOfTask } from "../run/task-end.ts";
import { watchTask } from "../run/watch-task.ts";
import { seconds } from "./list-services.ts";

/** Waits for a one-off that is a service to exit. @throws OneoffError if its exit code is unknown, or it did not start */
export async function waitForTask(engine: Transport, service: Service): Promise<OneoffExit> {
  const labels = service.Spec.Labels ?? {};
  const { Command, Args, Image = "" } = service.Spec.TaskTemplate.ContainerSpec ?? {};
  const result = await watchTask(engine, service.ID, { onView() {}, onRetry() {} });
  const code = await exitCodeOfTask(engine, result, {
    name: labelOf(labels, LABEL.name) ?? service.Spec.Name,
    spec: { command: [...(Command ?? []), ...(Args ?? [])], init: "none" },
    ...{ image: Image, access: { auth: undefined } },
    // As on one engine, a stopped one-off has the exit code of its command.
    isStopped: true,
  });
  const timeout = seconds(labels[LABEL.timeout]);
  const { CreatedAt = "", Status } = result.task ?? {};
  const lasted = (Date.parse(Status?.Timestamp ?? "") - Date.parse(CreatedAt)) / 1000;
  return { code, timedOut: timeout !== undefined && STOP_EXIT_CODES.includes(code) && lasted >= timeout };
}
