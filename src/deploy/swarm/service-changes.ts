import type { Service, ServiceSpec } from "../../engine/swarm/service-types.ts";
import { LABEL } from "../../identity/labels.ts";
import type { ProcessGroup } from "../rollout/formation.ts";
import type { WantedService } from "./roll-out-services.ts";

export const typeOfService = ({ Labels }: Pick<ServiceSpec, "Labels">): string => Labels?.[LABEL.processType] ?? "";

export const replicasOf = ({ Mode }: Pick<ServiceSpec, "Mode">): number => Mode?.Replicated?.Replicas ?? 0;

/** Whether a process type needs a service: one without tasks needs none, but keeps its own. */
export const isNeeded = (spec: ServiceSpec, running: readonly Service[]): boolean =>
  replicasOf(spec) > 0 || running.some(({ Spec }) => Spec.Name === spec.Name);

const SECOND = 1e9;

const toWanted = (type: string, spec: ServiceSpec): WantedService => {
  const { Monitor = 0, Delay = 0 } = spec.UpdateConfig ?? {};
  // Only services without a health check wait between tasks.
  return { type, spec, monitorS: Monitor / SECOND, isChecked: Delay === 0 };
};

/** The same service with another time for which new tasks must stay up. */
export function withMonitor({ spec, ...wanted }: WantedService, monitorS: number): WantedService {
  const { UpdateConfig } = spec;
  const update = UpdateConfig && {
    ...UpdateConfig,
    Monitor: monitorS * SECOND,
    ...(!wanted.isChecked && { Delay: monitorS * SECOND }),
  };
  return { ...wanted, monitorS, spec: { ...spec, ...(update && { UpdateConfig: update }) } };
}

/** The services of a release with the quantities of a formation. @param recorded the spec of each process type. */
export const servicesOf = (
  recorded: ReadonlyMap<string, ServiceSpec>,
  groups: readonly ProcessGroup[],
  running: readonly Service[],
): WantedService[] =>
  groups.flatMap(({ type, quantity }) => {
    const before = recorded.get(type);
    const spec = before && { ...before, Mode: { Replicated: { Replicas: quantity } } };
    return spec && isNeeded(spec, running) ? [toWanted(type, spec)] : [];
  });

/** The services whose quantity a formation changes, with the specs that they have. */
export function scaledServices(
  recorded: ReadonlyMap<string, ServiceSpec>,
  groups: readonly ProcessGroup[],
  running: readonly Service[],
): WantedService[] {
  const specs = new Map(running.map(({ Spec }) => [typeOfService(Spec), Spec]));
  return servicesOf(new Map([...recorded, ...specs]), groups, running).filter(({ type, spec }) => {
    const before = specs.get(type);
    return before === undefined || replicasOf(before) !== replicasOf(spec);
  });
}

/** The services of an app with new tasks of the same spec. */
export const restartedServices = (running: readonly Service[]): WantedService[] =>
  running
    .filter(({ Spec }) => replicasOf(Spec) > 0)
    .map(({ Spec }) => {
      const { ForceUpdate = 0, ...template } = Spec.TaskTemplate;
      return toWanted(typeOfService(Spec), { ...Spec, TaskTemplate: { ...template, ForceUpdate: ForceUpdate + 1 } });
    });
