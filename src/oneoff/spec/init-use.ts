import type { ContainerCopy } from "../apps/copy.ts";

/** Whether PID 1 is an init of the engine, and whether somebody has asked for it. */
export type InitUse = "asked" | "default" | "none";

/** @param asked by options or oneoff.yaml. */
export function initOf(asked: boolean | undefined, copy: Pick<ContainerCopy, "init"> | undefined): InitUse {
  if (asked !== undefined) return asked ? "asked" : "none";
  return (copy?.init ?? true) ? "default" : "none";
}
