import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { unqualifiedName } from "../../oneoff/apps/find.ts";
import type { SwarmStop } from "../../oneoff/swarm/tasks/stop-oneoff.ts";
import type { Context } from "../context.ts";
import { nodeEngines } from "../node-engines.ts";
import type { ReportOptions } from "../reporting.ts";

/** Stops and reports one-offs and tasks. */
type Stop = () => Promise<void>;

interface SwarmStops extends AsyncDisposable {
  /** What a word names: a one-off, all live one-offs of an app, or a task of a service. */
  match(word: string): readonly Stop[];
  /** All live one-offs of an app, or of all apps. */
  all(app: string | undefined): readonly Stop[];
}

/** Finds what can be stopped on the nodes of a Swarm; nothing on an engine that is not a manager. */
export async function findSwarmStops(
  context: Context,
  engine: Transport,
  flags: ReportOptions & { readonly config?: string | undefined; readonly app?: string | undefined },
  { journal, grace }: Pick<SwarmStop, "journal" | "grace">,
): Promise<SwarmStops> {
  const { managerServices } = await import("../../oneoff/swarm/services/manager-services.ts");
  const services = (await managerServices(engine)) ?? [];
  const report = context.report(flags);
  const engines = nodeEngines(context, flags.config, report);
  const { matchServices, findTask } = await import("../../oneoff/swarm/tasks/find-task.ts");
  const { isOneoff, readTasks } = await import("../../oneoff/swarm/tasks/list-services.ts");
  const { stopSwarmOneoff, stopTask, hasEnded } = await import("../../oneoff/swarm/tasks/stop-oneoff.ts");
  const swarm = await readTasks(engine, services.filter(isOneoff));
  const stopping = { engine, report, journal, grace, findEngine: engines.find };
  const live = (app: string | undefined) =>
    swarm.services
      .filter((one) => (app === undefined || one.Spec.Labels?.[LABEL.app] === app) && !hasEnded(one, swarm))
      .map((service) => () => stopSwarmOneoff(stopping, service, swarm));
  return {
    all: live,
    match(word) {
      const [match] = matchServices(word, services, { app: flags.app });
      if (match && isOneoff(match.service)) return [() => stopSwarmOneoff(stopping, match.service, swarm)];
      if (match?.slot === undefined) return live(unqualifiedName(word));
      return [
        async () => {
          const found = await findTask(engine, word, {});
          if (found) await stopTask(stopping, found);
        },
      ];
    },
    [Symbol.asyncDispose]: () => engines[Symbol.asyncDispose](),
  };
}
