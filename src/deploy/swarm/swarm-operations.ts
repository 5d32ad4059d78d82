import { authFor, type Credentials } from "../../engine/registry.ts";
import type { Transport } from "../../engine/transport.ts";
import { nothingInSwarm, typeNotReleased } from "../../errors/swarm-deploy.ts";
import { liveSwarmReleases } from "../../release/live-swarm-release.ts";
import type { DeployApp } from "../../release/release.ts";
import { type RecordedSwarmRelease, updateSwarmRelease } from "../../release/swarm-releases.ts";
import { chooseRelease } from "../rollback.ts";
import type { ProcessGroup } from "../rollout/formation.ts";
import type { Scale } from "../rollout/scale.ts";
import { requireObjects } from "./check-swarm.ts";
import type { FollowContext } from "./follow-service.ts";
import { rollOutServices, type WantedService } from "./roll-out-services.ts";
import { restartedServices, scaledServices, servicesOf, typeOfService, withMonitor } from "./service-changes.ts";
import { readSwarmApp, type SwarmApp } from "./swarm-app.ts";
import { swarmFormation } from "./swarm-formation.ts";
import { readSwarmScale, writeSwarmScale } from "./swarm-scale.ts";

export interface OperationContext extends FollowContext {
  readonly credentials?: Credentials | undefined;
  /** For how long new tasks must stay up, in seconds; by default as in the deploy. */
  readonly healthWait?: number | undefined;
}

/** An app with its releases and services. */
export interface SwarmTarget extends SwarmApp {
  readonly app: DeployApp;
}

/** The formation that runs, or that the first deploy would start. */
export async function readSwarmFormation(engine: Transport, app: DeployApp): Promise<ProcessGroup[]> {
  const [{ current }, scale] = await Promise.all([readSwarmApp(engine, app.name), readSwarmScale(engine, app.name)]);
  return swarmFormation(app, current, scale);
}

/** Sets the quantities of process types, also for later deploys. @returns the formation. */
export async function scaleServices(
  context: OperationContext,
  target: SwarmTarget,
  changes: Scale,
): Promise<ProcessGroup[]> {
  const { engine } = context;
  const { app, current } = target;
  const scale = new Map([...(await readSwarmScale(engine, app.name)), ...changes]);
  const groups = swarmFormation(app, current, scale);
  if (current) await applyFormation(context, target, current, groups);
  // A scale that failed is not used by the next deploy.
  await writeSwarmScale(engine, app.name, scale);
  return groups;
}

/** Starts what is missing of the formation, e.g. after `ps:stop`. */
export async function startServices(context: OperationContext, target: SwarmTarget): Promise<void> {
  const { app } = target;
  const current = liveOf(target);
  const scale = await readSwarmScale(context.engine, app.name);
  await applyFormation(context, target, current, swarmFormation(app, current, scale));
}

async function applyFormation(
  context: OperationContext,
  { app, services }: SwarmTarget,
  release: RecordedSwarmRelease,
  groups: readonly ProcessGroup[],
): Promise<void> {
  const known = new Set([...release.services.keys(), ...services.map(({ Spec }) => typeOfService(Spec))]);
  const unknown = groups.find(({ type, quantity }) => quantity > 0 && !known.has(type));
  if (unknown) throw typeNotReleased(app.name, release.number, unknown.type);
  const wanted = scaledServices(release.services, groups, services);
  const changed = new Set(wanted.map(({ type }) => type));
  for (const { type, quantity } of groups) {
    if (quantity > 0 && !changed.has(type))
      context.report({ type: "process", app: app.name, name: type, state: "unchanged" });
  }
  await change(context, app.name, release, wanted, services);
}

/** Restarts all tasks with the same settings. */
export async function restartServices(context: OperationContext, target: SwarmTarget): Promise<void> {
  const { app, services } = target;
  await change(context, app.name, liveOf(target), restartedServices(services), services);
}

/** Only the services that change: a rollout removes other services. */
async function change(
  context: OperationContext,
  app: string,
  { image }: RecordedSwarmRelease,
  wanted: readonly WantedService[],
  services: SwarmApp["services"],
): Promise<void> {
  const { healthWait } = context;
  await rollOutServices(await withAuth(context, image), {
    app,
    wanted: healthWait === undefined ? wanted : wanted.map((one) => withMonitor(one, healthWait)),
    running: services.filter(({ Spec }) => wanted.some(({ type }) => type === typeOfService(Spec))),
    rerun: (type) => `oneoff run ${app} ${type}`,
  });
}

const withAuth = async (context: OperationContext, image: string) => ({
  ...context,
  auth: (await authFor(image, context.credentials)).header,
});

/**
 * Rolls back to the specs of an older release, with the quantities that apply now and without its phases.
 * @param number `7` of `v7`; the release that was live before by default.
 */
export async function rollBackServices(
  context: OperationContext,
  { app, releases, services, current }: SwarmTarget,
  number: number | undefined,
): Promise<RecordedSwarmRelease> {
  const { engine, report } = context;
  const others = releases.filter((one) => one !== current);
  const release = chooseRelease(app.name, releases, number ?? liveSwarmReleases(others).current?.number);
  const groups = swarmFormation(app, release, await readSwarmScale(engine, app.name));
  await requireObjects(engine, release);
  await rollOutServices(await withAuth(context, release.image), {
    app: app.name,
    wanted: servicesOf(release.services, groups, services),
    running: services,
    rerun: (type) => `oneoff run --image ${release.image} ${app.name} ${type}`,
  });
  const liveAt = new Date(engine.clock.now() * 1000).toISOString();
  const live = await updateSwarmRelease(engine, release, { liveAt, isUnfinished: false });
  report({ type: "deployed", app: app.name, release: live.number, image: live.image });
  return live;
}

function liveOf({ app, current }: SwarmTarget): RecordedSwarmRelease {
  if (!current) throw nothingInSwarm(app.name);
  return current;
}
