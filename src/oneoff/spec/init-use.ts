import type { ContainerCopy } from "../apps/copy.ts";

/** Whether PID 1 is an init of the engine, and whether the user requested it. */
export type InitUse = "requested" | "default" | "none";

/** @param requested by options or oneoff.yaml. */
export function resolveInit(requested: boolean | undefined, copy: Pick<ContainerCopy, "init"> | undefined): InitUse {
  if (requested !== undefined) return requested ? "requested" : "none";
  return (copy?.init ?? true) ? "default" : "none";
}
