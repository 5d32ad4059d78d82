import type { Service, ServiceSpec } from "../../engine/swarm/service-types.ts";
import { type RecordedSwarmRelease, releaseOfService } from "../../release/swarm-releases.ts";
import type { ServicePlan } from "./service-plan.ts";

/**
 * Whether a release already runs as a deploy would start it. The engine adds defaults to a spec, so the plan is compared
 * with the spec that oneoff has sent.
 * @param plans as for this release.
 */
export function runsAsRecorded(
  plans: readonly ServicePlan[],
  release: Pick<RecordedSwarmRelease, "number" | "services">,
  services: readonly Service[],
): boolean {
  if (services.length !== plans.length) return false;
  return plans.every(({ type, spec }) => {
    const recorded = release.services.get(type);
    const service = services.find(({ Spec }) => Spec.Name === spec.Name);
    if (!recorded || !service || releaseOfService(service) !== release.number) return false;
    return withoutQuantity(recorded) === withoutQuantity(spec) && replicasOf(service.Spec) === replicasOf(spec);
  });
}

/** `oneoff scale` changes it without a release. */
const withoutQuantity = ({ Mode: _mode, ...spec }: ServiceSpec) => JSON.stringify(spec);

const replicasOf = ({ Mode }: ServiceSpec) => Mode?.Replicated?.Replicas ?? 0;
