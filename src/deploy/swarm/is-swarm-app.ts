import { swarmMembership } from "../../engine/swarm/nodes.ts";
import type { Transport } from "../../engine/transport.ts";
import { deployNeedsManager } from "../../errors/swarm-deploy.ts";
import { LABEL } from "../../identity/labels.ts";
import { managerServices } from "../../oneoff/swarm/manager-services.ts";
import { listSwarmReleases } from "../../release/swarm-releases.ts";
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
  if (isLocal && !isDeclared) return false;
  const services = await managerServices(engine, { label: [`${LABEL.app}=${app}`] });
  if (services)
    return isDeclared || services.some(isProcessService) || (await listSwarmReleases(engine, app)).length > 0;
  if (!isDeclared) return false;
  const { state, managers } = await swarmMembership(engine);
  throw deployNeedsManager(
    state,
    managers.map(({ Addr }) => Addr),
  );
}
