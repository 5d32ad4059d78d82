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
  /** What the image sets. */
  readonly imageEnv: Env;
  readonly launcher?: Launcher | undefined;
  readonly running: readonly RunningProcess[];
  /** Whether one that runs stays as it is. */
  keeps(one: RunningProcess): boolean;
}

/** What is to be done about an app's processes. */
export interface ProcessPlans {
  readonly start: readonly ProcessPlan[];
  /** Those that take the place of others, and those nobody wants any more. */
  readonly stop: readonly RunningProcess[];
  readonly keep: readonly RunningProcess[];
}

/** @throws OneoffError for a size that is none, and where several processes would need the same port of the host. */
export function checkGroups(app: DeployApp, groups: readonly ProcessGroup[]): void {
  for (const { type, quantity, size } of groups) {
    if (size !== undefined && quantity > 0) resolveSize(size, app.settings.sizes);
    const [hostPort] = hostPortsOf(app, type);
    if (hostPort && quantity > 1) throw hostPortShared(String(hostPort.hostPort), quantity);
  }
}

export function planProcesses({ app, groups, imageEnv, launcher, running: standing, keeps }: PlanFacts): ProcessPlans {
  const wanted = desiredProcesses(app, groups, imageEnv, launcher);
  const names = new Set(wanted.map(processName));
  const keep = standing.filter((one) => names.has(one.name) && one.isUp && keeps(one));
  const kept = new Set(keep.map(({ name }) => name));
  const leave = standing.filter((one) => !keep.includes(one));
  const start = wanted
    .filter((one) => !kept.has(processName(one)))
    .map((one) => ({ ...one, displaces: displacedBy(app, one.type, leave).length > 0 }));
  return { start, stop: leave, keep };
}

/** Each of them, as if nothing was in its way. */
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

/** Those that run and hold what a new process of the type needs for itself. */
export function displacedBy(app: DeployApp, type: string, leave: readonly RunningProcess[]): RunningProcess[] {
  const ports = hostPortsOf(app, type).map(({ hostPort }) => hostPort);
  const isInTheWay = (one: RunningProcess) =>
    one.hostPorts.some((port) => ports.includes(port)) || (sharesPorts(app, type) && one.type === type);
  return leave.filter((one) => one.isRunning && isInTheWay(one));
}
