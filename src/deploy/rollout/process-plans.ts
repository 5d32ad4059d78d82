import type { Launcher } from "../../app/buildpacks.ts";
import type { Env } from "../../app/env.ts";
import { resolveSize } from "../../app/sizes.ts";
import { hostPortShared } from "../../errors/processes.ts";
import type { DeployApp } from "../../release/release.ts";
import type { ProcessGroup } from "./formation.ts";
import { DEFAULT_PORT, hostPortsOf, type ProcessPlan, processName, sharesPorts } from "./process-spec.ts";
import type { RunningProcess } from "./running-processes.ts";

export interface PlanFacts {
  readonly app: DeployApp;
  readonly groups: readonly ProcessGroup[];
  /** The variables that the image sets. */
  readonly imageEnv: Env;
  readonly launcher?: Launcher | undefined;
  readonly running: readonly RunningProcess[];
  /** Whether a running process is kept. */
  keeps(one: RunningProcess): boolean;
}

/** Which processes to start, stop and keep. */
export interface ProcessPlans {
  readonly start: readonly ProcessPlan[];
  /** Processes that are replaced, and processes that are no longer in the formation. */
  readonly stop: readonly RunningProcess[];
  readonly keep: readonly RunningProcess[];
}

/** @throws OneoffError for an unknown size. */
export function checkSizes({ settings }: DeployApp, groups: readonly ProcessGroup[]): void {
  for (const { quantity, size } of groups) if (size !== undefined && quantity > 0) resolveSize(size, settings.sizes);
}

/** @throws OneoffError for an unknown size, and if several processes would publish the same host port. */
export function checkGroups(app: DeployApp, groups: readonly ProcessGroup[]): void {
  checkSizes(app, groups);
  for (const { type, quantity } of groups) {
    const [hostPort] = hostPortsOf(app, type);
    if (hostPort && quantity > 1) throw hostPortShared(String(hostPort.hostPort), quantity);
  }
}

export function planProcesses({ app, groups, imageEnv, launcher, running, keeps }: PlanFacts): ProcessPlans {
  const desired = desiredProcesses(app, groups, imageEnv, launcher);
  const desiredNames = new Set(desired.map(processName));
  const keep = running.filter((one) => desiredNames.has(one.name) && one.isUp && keeps(one));
  const keptNames = new Set(keep.map(({ name }) => name));
  const stop = running.filter((one) => !keep.includes(one));
  const start = desired
    .filter((one) => !keptNames.has(processName(one)))
    .map((one) => ({ ...one, displaces: displacedBy(app, one.type, stop).length > 0 }));
  return { start, stop, keep };
}

/** All processes of the formation, without regard to running ones. */
export function desiredProcesses(
  app: DeployApp,
  groups: readonly ProcessGroup[],
  imageEnv: Env,
  launcher?: Launcher,
): ProcessPlan[] {
  const port = app.env.get("PORT") ?? imageEnv.get("PORT") ?? DEFAULT_PORT;
  return groups.flatMap(({ type, quantity, size }) =>
    Array.from({ length: quantity }, (_, at) => ({
      ...{ type, index: at + 1, port, displaces: false },
      ...(size && { size }),
      ...(launcher && { launcher }),
    })),
  );
}

/** Running processes that hold a host port or network namespace that a new process of the type needs. */
export function displacedBy(app: DeployApp, type: string, stop: readonly RunningProcess[]): RunningProcess[] {
  const ports = hostPortsOf(app, type).map(({ hostPort }) => hostPort);
  const isConflicting = (one: RunningProcess) =>
    one.hostPorts.some((port) => ports.includes(port)) || (sharesPorts(app, type) && one.type === type);
  return stop.filter((one) => one.isRunning && isConflicting(one));
}
