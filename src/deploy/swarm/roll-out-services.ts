import type { Service, ServiceSpec } from "../../engine/swarm/service-types.ts";
import { removeService } from "../../engine/swarm/services.ts";
import { isRefusal } from "../../errors/engine.ts";
import { because, type OneoffError, warning } from "../../errors/error.ts";
import { serviceFailed, serviceNotPlaced, serviceReplaced } from "../../errors/swarm-deploy.ts";
import { LABEL } from "../../identity/labels.ts";
import { releaseOfService } from "../../release/swarm-releases.ts";
import { type ChangeContext, createAndFollow, updateAndFollow } from "./change-service.ts";
import { type Outcome, PLACEMENT_TIMEOUT_S } from "./follow-service.ts";
import { describeFailure } from "./task-failure.ts";

/** The new spec of the service of one process type. */
export interface WantedService {
  readonly type: string;
  readonly spec: ServiceSpec;
  /** For how long new tasks must stay up. */
  readonly monitorS: number;
  /** Whether Swarm waits until a task is healthy. */
  readonly isChecked: boolean;
}

export interface ServicesRequest {
  readonly app: string;
  readonly wanted: readonly WantedService[];
  /** The services of the app before. */
  readonly running: readonly Service[];
  /** The command that runs a process type as a one-off, to find out why it failed. */
  rerun(type: string): string;
}

/**
 * Creates and updates the services of an app, one after the other, and removes services of other process types. A failure
 * or a signal restores the specs before, and removes services that did not exist.
 */
export async function rollOutServices(context: ChangeContext, request: ServicesRequest): Promise<void> {
  const { app, wanted, running } = request;
  await using undo = new AsyncDisposableStack();
  for (const one of webLast(wanted)) {
    context.signal.throwIfAborted();
    await rollOutService(context, request, one, undo);
  }
  undo.move();
  const names = new Set(wanted.map(({ spec }) => spec.Name));
  for (const { ID, Spec } of running.filter(({ Spec }) => !names.has(Spec.Name))) {
    await removeIfThere(context, ID);
    context.report({ type: "process", app, name: Spec.Labels?.[LABEL.processType] ?? Spec.Name, state: "removed" });
  }
}

/** If another type fails, requests were never served by the new release. */
const webLast = (wanted: readonly WantedService[]) =>
  wanted.toSorted((a, b) => Number(a.type === "web") - Number(b.type === "web"));

async function rollOutService(
  context: ChangeContext,
  { app, running, rerun }: ServicesRequest,
  wanted: WantedService,
  undo: AsyncDisposableStack,
): Promise<void> {
  const { type, spec } = wanted;
  const old = running.find(({ Spec }) => Spec.Name === spec.Name);
  const change = { app, ...wanted };
  if (!old) {
    const outcome = await createAndFollow(context, change, (id) => undo.defer(() => removeIfThere(context, id)));
    if (outcome.state !== "done")
      throw await failureOf(context, app, type, spec.Name, outcome, "the service was removed", rerun);
    return;
  }
  let isReplaced = false;
  undo.defer(async () => {
    if (!isReplaced) await restoreService(context, app, type, old);
  });
  const outcome = await updateAndFollow(context, old.ID, change);
  if (outcome.state === "done") return;
  isReplaced = outcome.state === "replaced";
  const release = releaseOfService(old);
  const kept = `${release === undefined ? "the old version" : `v${release}`} keeps running`;
  throw await failureOf(context, app, type, spec.Name, outcome, kept, rerun);
}

async function failureOf(
  { engine }: ChangeContext,
  app: string,
  type: string,
  service: string,
  outcome: Exclude<Outcome, { state: "done" }>,
  end: string,
  rerun: ServicesRequest["rerun"],
): Promise<OneoffError> {
  if (outcome.state === "replaced") return serviceReplaced(app, service);
  if (outcome.state === "not-placed") return serviceNotPlaced(app, service, outcome.reason, PLACEMENT_TIMEOUT_S, end);
  return serviceFailed(app, service, await describeFailure(engine, type, outcome.task), end, rerun(type));
}

/** The signal that ended the deploy does not end its undo. */
const NEVER = new AbortController().signal;

/** Restores the spec of a service, unless Swarm has done so. A failure is only a warning: another error is the cause. */
async function restoreService(context: ChangeContext, app: string, type: string, { ID, Spec }: Service): Promise<void> {
  try {
    const change = { app, type, spec: Spec, monitorS: 0, isChecked: false };
    const { state } = await updateAndFollow({ ...context, signal: NEVER, report: () => {} }, ID, change);
    if (state !== "done") throw serviceReplaced(app, Spec.Name);
  } catch (error) {
    context.report(warning(because(`${type} of ${app} could not be restored`, error)));
  }
}

async function removeIfThere({ engine }: Pick<ChangeContext, "engine">, id: string): Promise<void> {
  try {
    await removeService(engine, id);
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
}
