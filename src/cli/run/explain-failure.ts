import type { App } from "../../app/app.ts";
import { isGoneShare, isMissingImage, isOtherPlatform, missingNetworkOf } from "../../engine/refusal.ts";
import { missingImage, missingNetwork, notBuilt, otherPlatform, sharedContainerNotRunning } from "../../errors/apps.ts";
import { serviceNotBuilt } from "../../errors/services.ts";
import type { Resolved } from "../../oneoff/apps/resolved-app.ts";
import type { OneoffSpec } from "../../oneoff/spec/spec.ts";
import { latestTag } from "../../release/tags.ts";

interface Failed {
  readonly app: App;
  /** `--image` */
  readonly image: string | undefined;
  readonly resolved: Pick<Resolved, "isBuilt">;
  readonly spec: OneoffSpec;
}

/** Replaces the engine's refusal of a one-off by an error that names what to do. */
export function explainFailure(error: unknown, { app, image, resolved, spec }: Failed): unknown {
  if (isMissingImage(error)) return missing(app, image, { ...resolved, ...spec });
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

function missing(
  { image, name, settings }: App,
  asked: string | undefined,
  { isBuilt, platform }: Pick<Resolved, "isBuilt"> & Pick<OneoffSpec, "platform">,
) {
  if (isBuilt && asked === undefined) return serviceNotBuilt(name, image);
  if (settings.build && image === latestTag(name)) return notBuilt(name, settings.build.context);
  const options = platform === undefined ? "--pull" : `--platform ${platform} --pull`;
  return missingImage(image, `run ${options} ${asked === undefined ? name : `--image ${image} ${name}`}`, platform);
}
