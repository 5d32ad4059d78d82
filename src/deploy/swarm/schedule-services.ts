import { tagImage } from "../../engine/image-tags.ts";
import { authFor } from "../../engine/registry.ts";
import type { Service } from "../../engine/swarm/service-types.ts";
import { warning } from "../../errors/error.ts";
import { checksImpossible, outagePossible, releaseNumberTaken } from "../../errors/swarm-deploy.ts";
import { pruneSwarmReleases } from "../../release/live-swarm-release.ts";
import {
  createSwarmRelease,
  type RecordedSwarmRelease,
  removeSwarmRelease,
  updateSwarmRelease,
} from "../../release/swarm-releases.ts";
import { failedSwarmTag } from "../../release/tags.ts";
import type { DeployRequest } from "../deploy.ts";
import type { DeployContext } from "../deploy-steps.ts";
import type { CompletePhase } from "../phases/phase.ts";
import type { SwarmObjects } from "./app-resources.ts";
import { readImageFacts } from "./image-facts.ts";
import type { Publication } from "./publication.ts";
import { pushName } from "./remove-images.ts";
import { rollOutServices } from "./roll-out-services.ts";
import { isNeeded } from "./service-changes.ts";
import { planServices, type ServicePlan } from "./service-plan.ts";
import type { SwarmApp } from "./swarm-app.ts";
import { swarmFormation } from "./swarm-formation.ts";

export interface SwarmDeployRequest extends Omit<DeployRequest, "current">, SwarmObjects {
  readonly swarmApp: SwarmApp;
  /** Services of others with names that the app needs, which are replaced. */
  readonly replaced: readonly Service[];
  readonly completePhase: CompletePhase | undefined;
  /** How the nodes get the image. */
  readonly publication: Publication;
}

/** The image of a deploy. */
export interface PublishedImage {
  readonly imageId: string;
  /** Image ID before predeploy. */
  readonly base: string;
  /** The image as the nodes name it; empty before it is published. */
  readonly image: string;
}

/** The services of a release with this image, also of process types without tasks: `oneoff scale` may start them. */
export async function planRelease(
  context: DeployContext,
  { app, files, scale, secrets, configs }: SwarmDeployRequest,
  imageId: string,
  facts: Pick<RecordedSwarmRelease, "number" | "image" | "created">,
): Promise<ServicePlan[]> {
  const image = await readImageFacts({ engine: context.engine, owner: context.owner.self }, app.name, imageId);
  const release = { ...facts, ...files, app: app.name };
  return planServices({ app, release, image, secrets, configs }, swarmFormation(app, files, scale));
}

/**
 * Records a release and rolls it out. A failure or a signal removes the record. @param onLive called when all services run it.
 */
export async function scheduleServices(
  context: DeployContext,
  request: SwarmDeployRequest,
  { imageId, base, image }: PublishedImage,
  onLive: (release: RecordedSwarmRelease) => void,
): Promise<RecordedSwarmRelease> {
  const { engine } = context;
  const { app, number, files, swarmApp, replaced } = request;
  const created = new Date(engine.clock.now() * 1000).toISOString();
  const plans = await planRelease(context, request, imageId, { number, image, created });
  const needed = plans.filter(({ spec }) => isNeeded(spec, swarmApp.services));
  reportHealth(context, needed);
  const release = await createSwarmRelease(
    engine,
    {
      ...{ app: app.name, number, image, imageId, base, created, procfile: files.procfile, appJson: files.appJson },
      pushedAs: pushName(request.publication, number),
      services: new Map(plans.map(({ type, spec }) => [type, spec])),
    },
    { liveAt: undefined, isUnfinished: true, isPostdeployed: swarmApp.current?.isPostdeployed ?? false },
  );
  if (!release) throw releaseNumberTaken(app.name, number);
  const isLoaded = request.publication.by === "load";
  try {
    await rollOutServices(
      { ...context, auth: (await authFor(image, context.credentials)).header },
      {
        app: app.name,
        wanted: needed.map(({ type, spec, health }) => ({ type, spec, ...health })),
        running: [...swarmApp.services, ...replaced],
        rerun: (type) => `oneoff run --image ${isLoaded ? failedSwarmTag(app.name) : image} ${app.name} ${type}`,
      },
    );
  } catch (error) {
    await removeSwarmRelease(engine, release);
    if (isLoaded && !context.signal.aborted) await tagImage(engine, imageId, failedSwarmTag(app.name));
    throw error;
  }
  onLive(release);
  const liveAt = new Date(engine.clock.now() * 1000).toISOString();
  const live = await updateSwarmRelease(engine, release, { liveAt });
  const all = [live, ...swarmApp.releases];
  await pruneSwarmReleases(engine, all, request.keepReleases);
  return live;
}

function reportHealth({ report }: DeployContext, plans: readonly ServicePlan[]): void {
  for (const { type, health } of plans) {
    if (health.impossible.length > 0) report(warning(checksImpossible(type, health.impossible)));
  }
  const unchecked = plans.filter(({ type, health }) => type === "web" && !health.isChecked);
  if (unchecked.length > 0) report(warning(outagePossible(unchecked.map(({ type }) => type))));
}
