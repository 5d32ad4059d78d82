import { commandFaultOf } from "../../engine/refusal.ts";
import { EngineRefused } from "../../errors/engine.ts";
import { commandNotStarted, execFailed } from "../../errors/session.ts";

/** @returns the error with the exit code that docker has for it, or the given one where the command is not the reason. */
export const startRefusal = (error: unknown, command = ""): unknown => {
  const fault = error instanceof EngineRefused ? commandFaultOf(error.reason) : undefined;
  return fault && error instanceof EngineRefused ? commandNotStarted(fault, error.reason, command) : error;
};

/** @param reason in the engine's words, which it writes as the output of the command. */
export const execRefusal = (reason: string, command = "") => {
  const fault = commandFaultOf(reason);
  return fault ? commandNotStarted(fault, reason, command) : execFailed(reason);
};
