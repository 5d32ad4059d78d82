import type { ProcessGroup } from "../../deploy/rollout/formation.ts";
import { requestedFormation, rollOut } from "../../deploy/rollout/roll-out.ts";
import { parseScale, readScale, writeScale } from "../../deploy/rollout/scale.ts";
import { isSwarmApp } from "../../deploy/swarm/is-swarm-app.ts";
import { readSwarmFormation, scaleServices } from "../../deploy/swarm/swarm-operations.ts";
import { conflictingOptions } from "../../errors/error.ts";
import { requireOwnApp } from "../../oneoff/apps/deployer-of.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { printJson, printText } from "../../output/print.ts";
import { formatList } from "../../output/table.ts";
import { currentRelease } from "../../release/releases.ts";
import { command } from "../command.ts";
import { formatOption, wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import type { ReportOptions } from "../reporting.ts";
import { tableStyle } from "../table-style.ts";
import { appAndRest, deployedApp, healthWaitOf, isForSwarm, startOptions, withProcesses } from "./processes-session.ts";

interface Shown extends ReportOptions {
  readonly format?: string;
}

export const scaleCommand = command({
  options: { ...startOptions, ...formatOption },
  usage: "oneoff scale [options] <app> [type=quantity…]",
  completions: ["app", "type=quantity"],
  describe: "Show or set the number of processes of each type",
  examples: [
    ["oneoff scale my-app", "show the numbers"],
    ["oneoff scale my-app web=2 worker=1", "set them, now and for later deploys"],
  ],
  async handle(flags, args, context) {
    const { name, rest } = appAndRest(flags, args, "scale", "<app> [type=quantity…]");
    if (wantsJson(flags.format, "scale") && flags.json) throw conflictingOptions("--format json", "--json");
    const app = await deployedApp(context, flags, name);
    if (rest.length === 0) {
      await using engine = context.openEngine(flags);
      const [release, scale] = await Promise.all([currentRelease(engine, name), readScale(engine, name)]);
      const where = { isDeclared: await isForSwarm(context, flags, name), isLocal: release !== undefined };
      if (await isSwarmApp(engine, name, where)) {
        return show(context, flags, name, await readSwarmFormation(engine, app));
      }
      if (!release) await requireOwnApp(engine, name, await findManifest(flags.config, context), "scale");
      return show(context, flags, name, requestedFormation(app, release, scale));
    }
    const changes = parseScale(rest);
    const healthWait = healthWaitOf(flags);
    const groups = await withProcesses(context, flags, name, {
      async onEngine(session) {
        const { engine } = session;
        const [release, before] = await Promise.all([currentRelease(engine, name), readScale(engine, name)]);
        if (!release) await requireOwnApp(engine, name, await findManifest(flags.config, context), "scale");
        const scale = new Map([...before, ...changes]);
        const groups = requestedFormation(app, release, scale);
        if (release) await rollOut(session, { app, release, scale, keepRunning: true, healthWait });
        // A scale that failed is not used by the next deploy.
        await writeScale(engine, name, scale);
        return groups;
      },
      inSwarm: (session, swarmApp) => scaleServices({ ...session, healthWait }, { ...swarmApp, app }, changes),
    });
    return show(context, flags, name, groups);
  },
});

function show(context: Context, flags: Shown, app: string, groups: readonly ProcessGroup[]): number {
  if (flags.json) {
    const processes = groups.map(({ type, quantity }) => ({ processType: type, quantity }));
    context.report(flags)({ type: "formation", app, processes });
    return 0;
  }
  // The keys of dokku's ps:scale --format json.
  const listed = groups.map(({ type, quantity }) => ({ process_type: type, quantity }));
  const rows = groups.map(({ type, quantity }) => [type, String(quantity)]);
  const { stdout } = context.terminal;
  if (flags.format === "json") printJson(stdout, listed);
  else printText(stdout, rows, (all) => formatList(["TYPE", "QUANTITY"], all, tableStyle(context, flags)));
  return 0;
}
