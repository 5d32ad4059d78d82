import type { App } from "../../app/app.ts";
import { isGoneShare, isMissingImage, isOtherPlatform, missingNetworkOf } from "../../engine/refusal.ts";
import type { Transport } from "../../engine/transport.ts";
import { missingImage, missingNetwork, notBuilt, otherPlatform, sharedContainerNotRunning } from "../../errors/apps.ts";
import { serviceNotBuilt } from "../../errors/services.ts";
import { deployedToSwarm } from "../../errors/swarm.ts";
import { LABEL } from "../../identity/labels.ts";
import type { Resolved } from "../../oneoff/apps/resolved-app.ts";
import type { OneoffSpec } from "../../oneoff/spec/spec.ts";
import { managerServices } from "../../oneoff/swarm/services/manager-services.ts";
import { toServiceApp } from "../../oneoff/swarm/services/service-app.ts";
import { latestTag } from "../../release/tags.ts";

interface Failed {
  readonly engine: Transport;
  readonly app: App;
  /** `--image` */
  readonly image: string | undefined;
  readonly resolved: Pick<Resolved, "isBuilt">;
  readonly spec: OneoffSpec;
}

/** Replaces the engine's refusal of a one-off by an error that names what to do. */
export async function explainFailure(error: unknown, { engine, app, image, resolved, spec }: Failed): Promise<unknown> {
  if (isMissingImage(error)) {
    const isInSwarm = isNotBuilt(app) && (await hasService(engine, app.name));
    return isInSwarm ? deployedToSwarm(app.name) : missing(app, image, { ...resolved, ...spec });
  }
  if (spec.platform !== undefined && isOtherPlatform(error)) return otherPlatform(app.image, spec.platform, error);
  const network = missingNetworkOf(error);
  if (network !== undefined) return missingNetwork(network, error);
  const shared = sharedOf(spec);
  return shared && isGoneShare(error) ? sharedContainerNotRunning(app.name, shared, error) : error;
}

/** Settings that are copied from another container. */
function sharedOf(spec: OneoffSpec) {
  const { NetworkMode, PidMode, IpcMode } = spec.body("run.N").HostConfig;
  const modes = { network: NetworkMode, processes: PidMode, memory: IpcMode };
  return (["network", "processes", "memory"] as const).find((shared) => modes[shared]?.startsWith("container:"));
}

/** Whether an app with only `build` in oneoff.yaml has no release on the engine. */
const isNotBuilt = ({ name, image, settings }: App) => settings.build !== undefined && image === latestTag(name);

/** Whether `oneoff deploy --swarm` has deployed an app that oneoff.yaml does not declare for the Swarm. */
const hasService = async (engine: Transport, app: string) =>
  ((await managerServices(engine, { label: [`${LABEL.app}=${app}`] })) ?? []).some(
    (service) => toServiceApp(service).own?.app === app,
  );

function missing(
  app: App,
  asked: string | undefined,
  { isBuilt, platform }: Pick<Resolved, "isBuilt"> & Pick<OneoffSpec, "platform">,
) {
  const { image, name, settings } = app;
  if (isBuilt && asked === undefined) return serviceNotBuilt(name, image);
  if (settings.build && isNotBuilt(app)) return notBuilt(name, settings.build.context);
  const options = platform === undefined ? "--pull" : `--platform ${platform} --pull`;
  return missingImage(image, `run ${options} ${asked === undefined ? name : `--image ${image} ${name}`}`, platform);
}
