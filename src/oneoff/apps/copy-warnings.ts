import type { ContainerDetails } from "../../engine/types.ts";
import { copiedTask, pausedSource } from "../../errors/apps.ts";
import { serviceIdOf } from "./candidates.ts";

/** Unexpected differences between a one-off and the copied container. */
export function copyWarnings({ Name, Config, State }: ContainerDetails): string[] {
  const name = Name.replace(/^\//, "");
  return [
    ...(State.Status === "paused" ? [pausedSource(name)] : []),
    ...(serviceIdOf({ Labels: Config.Labels ?? {} }) === undefined ? [] : [copiedTask(name)]),
  ];
}
