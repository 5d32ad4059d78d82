import type { Service, ServiceSpec } from "../../engine/swarm/service-types.ts";
import { type RecordedSwarmRelease, releaseOfService } from "../../release/swarm-releases.ts";
import { replicasOf } from "./service-changes.ts";
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
  const names = new Set(plans.map(({ spec }) => spec.Name));
  if (services.some(({ Spec }) => !names.has(Spec.Name))) return false;
  return plans.every(({ type, spec }) => {
    const recorded = release.services.get(type);
    if (!recorded || withoutQuantity(recorded) !== withoutQuantity(spec)) return false;
    const service = services.find(({ Spec }) => Spec.Name === spec.Name);
    if (!service) return replicasOf(spec) === 0;
    return releaseOfService(service) === release.number && replicasOf(service.Spec) === replicasOf(spec);
  });
}

/** `oneoff scale` changes it without a release. */
const withoutQuantity = ({ Mode: _mode, ...spec }: ServiceSpec) => JSON.stringify(spec);
