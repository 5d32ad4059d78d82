import { once } from "node:events";
import { createInterface } from "node:readline";
import { destroyApp } from "../../deploy/rollout/stop-processes.ts";
import { requireManager } from "../../deploy/swarm/check-swarm.ts";
import type { PublishNode } from "../../deploy/swarm/publication.ts";
import { reachNodes } from "../../deploy/swarm/publish-nodes.ts";
import { destroySwarmApp } from "../../deploy/swarm/stop-services.ts";
import { destroyUnconfirmed } from "../../errors/deploy.ts";
import { warning } from "../../errors/error.ts";
import { imagesLeft } from "../../errors/swarm.ts";
import { requireOwnApp } from "../../oneoff/apps/deployer-of.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { printText } from "../../output/print.ts";
import { command } from "../command.ts";
import type { Context } from "../context.ts";
import { reportSchedulesLeft } from "../cron/after-deploy.ts";
import { type NodeEngines, nodeEngines } from "../node-engines.ts";
import type { DeploySession } from "./deploy-session.ts";
import { appAndRest, processesOptions, withProcesses } from "./processes-session.ts";

export const destroyCommand = command({
  options: {
    ...processesOptions,
    yes: { type: "boolean", alias: "y", describe: "Do not ask for confirmation" },
  },
  usage: "oneoff destroy [options] <app>",
  completions: ["app"],
  describe: "Delete an app's processes and releases",
  examples: [
    ["oneoff destroy my-app", "ask for the name of the app first"],
    ["oneoff destroy --yes my-app", "in a script"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const { name } = appAndRest(flags, args, "destroy", "<app>");
    if (!flags.yes) await confirm(context, name);
    await withProcesses(context, flags, name, {
      async onEngine(session) {
        // Stored variables of app.json may be all that remains.
        if (context.envStore.read(name).size === 0) {
          await requireOwnApp(session.engine, name, await findManifest(undefined, context), "destroy");
        }
        await destroyApp(session, name);
        await reportSchedulesLeft(context, name, session.report);
      },
      async inSwarm(session, swarmApp) {
        await using engines = nodeEngines(context, undefined, session.report);
        const isLoaded = swarmApp.releases.some(({ image }) => !image.includes("@"));
        const nodes = isLoaded ? await nodesWithImages(session, name, engines) : [];
        await destroySwarmApp(session, name, swarmApp, nodes);
        await destroyApp(session, name);
        await reportSchedulesLeft(context, name, session.report);
      },
    });
    context.envStore.write(name, new Map());
    return 0;
  },
});

/** The nodes that images of an app were loaded on, as far as their engines can be reached. */
async function nodesWithImages(
  { engine, report }: DeploySession,
  app: string,
  engines: NodeEngines,
): Promise<readonly PublishNode[]> {
  const { found, missing } = await reachNodes(engine, await requireManager(engine), engines.find);
  const names = missing.map(({ Description }) => Description.Hostname);
  if (names.length > 0) report(warning(imagesLeft(app, names)));
  return found;
}

/** @throws OneoffError unless the user types the app's name. */
async function confirm({ terminal }: Context, app: string): Promise<void> {
  if (terminal.input !== "terminal") throw destroyUnconfirmed(app);
  printText(
    terminal.stderr,
    app,
    (name) => `All processes and releases of ${name} will be removed. Type its name to continue: `,
  );
  const typing = createInterface({ input: terminal.stdin });
  const over = new AbortController();
  const line = once(typing, "line", { signal: over.signal });
  const closed = once(typing, "close", { signal: over.signal });
  // The promise that loses the race is ignored.
  for (const one of [line, closed]) one.catch(() => {});
  try {
    const [typed] = await Promise.race([line, closed]);
    if (String(typed ?? "").trim() !== app) throw destroyUnconfirmed(app);
  } finally {
    over.abort();
    typing.close();
  }
}
