import { launchInside } from "../../app/buildpacks.ts";
import type { Healthcheck } from "../../app/healthchecks.ts";
import { isOnThisMachine, tcpProbe } from "../../engine/container-address.ts";
import { type CheckContext, type CheckTarget, execCheck } from "./exec-check.ts";
import { type CheckFailure, hasListener, lastLine, timeoutReason, UNREACHABLE } from "./health-plan.ts";
import { checkPath, withTimeout } from "./http-check.ts";

/** @returns why the check failed; undefined if it passed. */
export async function runCheck(
  context: CheckContext,
  target: CheckTarget,
  check: Healthcheck,
): Promise<CheckFailure | undefined> {
  if (check.path !== undefined) return checkPath(context, target, check, check.path);
  const reason = check.listening
    ? await checkListening(context, target, check)
    : await checkCommand(context, target, check);
  return reason === undefined ? undefined : { reason };
}

async function checkCommand(context: CheckContext, { id, launcher }: CheckTarget, { command, timeout }: Healthcheck) {
  if (command === undefined) return undefined;
  const { code, stdout, stderr } = await execCheck(context, id, launchInside(launcher, command), timeout);
  if (code === 0) return undefined;
  return code === undefined
    ? timeoutReason(timeout)
    : `the command exited with code ${code}${lastLine(stderr || stdout)}`;
}

async function checkListening(
  context: CheckContext,
  { id, port: defaultPort, endpoint }: CheckTarget,
  check: Healthcheck,
) {
  const port = check.port ?? defaultPort;
  const { code, stdout } = await execCheck(context, id, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], check.timeout);
  // cat fails if the kernel has no IPv6, because /proc/net/tcp6 does not exist.
  if (stdout !== "")
    return hasListener(stdout, port) ? undefined : `nothing listens on port ${port}, on all interfaces`;
  if (code === undefined) return timeoutReason(check.timeout);
  if (!endpoint || !isOnThisMachine(context.engine.endpoint, endpoint)) return UNREACHABLE;
  const probe = (signal: AbortSignal) => tcpProbe(endpoint.IPAddress ?? "", port, signal);
  return withTimeout(context, check.timeout, probe, () => undefined);
}
