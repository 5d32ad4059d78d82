import { listConfigs } from "../../engine/swarm/objects.ts";
import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwnName } from "../../identity/ownership.ts";
import { managerServices } from "../../oneoff/swarm/services/manager-services.ts";
import { requireManager } from "./check-swarm.ts";
import { isProcessService } from "./swarm-app.ts";

/**
 * Whether the processes of an app are services of a Swarm: by oneoff.yaml, else by what was deployed.
 * @param isDeclared whether oneoff.yaml has `swarm: true`.
 * @param isLocal whether the engine has a release of the app. Then only oneoff.yaml decides.
 * @throws OneoffError if oneoff.yaml declares it for an engine that is not a manager
 */
export async function isSwarmApp(
  engine: Transport,
  app: string,
  { isDeclared, isLocal }: { readonly isDeclared: boolean; readonly isLocal: boolean },
): Promise<boolean> {
  if (isDeclared) await requireManager(engine);
  if (isDeclared || isLocal) return isDeclared;
  const services = await managerServices(engine, { label: [`${LABEL.app}=${app}`] });
  return services !== undefined && (services.some(isProcessService) || (await hasConfigs(engine, app)));
}

/** Whether the Swarm stores releases or the scale of an app, or its first deploy is in progress. */
const hasConfigs = async (engine: Transport, app: string): Promise<boolean> =>
  (await listConfigs(engine, { label: [`${LABEL.app}=${app}`] })).some(({ Spec: { Name, Labels } }) => {
    const { [LABEL.kind]: kind, [LABEL.lock]: lock } = Labels ?? {};
    return isOwnName(Name, Labels ?? {}) && (kind === "release" || kind === "scale" || lock === `deploy/${app}`);
  });
