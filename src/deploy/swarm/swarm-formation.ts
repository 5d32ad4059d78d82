import type { DeployApp, Release } from "../../release/release.ts";
import type { ProcessGroup } from "../rollout/formation.ts";
import { checkSizes } from "../rollout/process-plans.ts";
import { requestedFormation } from "../rollout/roll-out.ts";
import type { Scale } from "../rollout/scale.ts";

/** The formation of an app on a Swarm, where several tasks can share a published port. @throws OneoffError if it is invalid. */
export const swarmFormation = (
  app: DeployApp,
  release: Pick<Release, "procfile" | "appJson"> | undefined,
  scale: Scale,
): ProcessGroup[] => requestedFormation(app, release, scale, checkSizes);
