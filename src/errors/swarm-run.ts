import { OneoffError } from "./error.ts";

/** @param cause why the log cannot be read to its end. */
export const taskOutputCut = (cause: unknown) =>
  new OneoffError(
    "output-lost",
    `The output is incomplete: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      next: "oneoff ps --all",
      cause,
    },
  );

export const taskLogSilent = () =>
  new OneoffError("task-log-silent", "The node does not send the log of the task", { next: "docker node ls" });
