import { commandFaultOf } from "../../engine/refusal.ts";
import { EngineRefused } from "../../errors/engine.ts";
import { commandNotStarted, execFailed } from "../../errors/session.ts";

/** @returns an error with docker's exit code if the command is the cause, otherwise the given error. */
export const toStartError = (error: unknown, command = ""): unknown => {
  if (!(error instanceof EngineRefused)) return error;
  const fault = commandFaultOf(error.reason);
  return fault ? commandNotStarted(fault, error.reason, command) : error;
};

/** @param reason the engine's message, which it writes into the output of the command. */
export const toExecError = (reason: string, command = "") => {
  const fault = commandFaultOf(reason);
  return fault ? commandNotStarted(fault, reason, command) : execFailed(reason);
};

/** Docker 28 and Podman refuse an unknown user; other engines write the same message into the output of the command. */
export const toUserError = (error: unknown): unknown =>
  error instanceof EngineRefused && /^(unable to find (user|group)|uids and gids) /.test(error.reason)
    ? execFailed(error.reason)
    : error;
