import { rollBack } from "../../deploy/rollback.ts";
import { readScale } from "../../deploy/rollout/scale.ts";
import { rollBackServices } from "../../deploy/swarm/swarm-operations.ts";
import { badRelease, isNoRelease } from "../../errors/deploy.ts";
import { requireOwnApp } from "../../oneoff/apps/deployer-of.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { printText } from "../../output/print.ts";
import { command } from "../command.ts";
import { appOption, commonOptions, configOption, reportOptions } from "../common-options.ts";
import { updateSchedules } from "../cron/after-deploy.ts";
import { deployOptions } from "./deploy-options.ts";
import { appAndRest, deployedApp, withProcesses } from "./processes-session.ts";

const { wait } = deployOptions;

export const rollbackCommand = command({
  options: { ...appOption, ...configOption, wait, ...reportOptions, ...commonOptions },
  usage: "oneoff rollback [options] <app> [vN]",
  completions: ["app", "release"],
  describe: "Roll back to an earlier release",
  examples: [
    ["oneoff rollback my-app", "to the previous release"],
    ["oneoff rollback my-app v7", "to release v7 (see oneoff releases my-app)"],
  ],
  most: 2,
  async handle(flags, args, context) {
    const { name, rest } = appAndRest(flags, args, "rollback", "<app> [vN]");
    const [wanted] = rest;
    const number = wanted === undefined ? undefined : Number(/^v?([1-9]\d{0,8})$/.exec(wanted)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) throw badRelease(wanted ?? "");
    const app = await deployedApp(context, flags, name);
    const image = await withProcesses(context, flags, name, {
      async onEngine(session) {
        const { engine } = session;
        const scale = await readScale(engine, name);
        const live = await rollBack(session, { app, scale, number }).catch(async (error: unknown) => {
          if (isNoRelease(error))
            await requireOwnApp(engine, name, await findManifest(flags.config, context), "rollback");
          throw error;
        });
        await updateSchedules(context, { ...session, app: name, flags });
        return live.image;
      },
      async inSwarm(session, swarmApp) {
        const live = await rollBackServices(session, { ...swarmApp, app }, number);
        await updateSchedules(context, { ...session, app: name, flags });
        return live.image;
      },
    });
    if (!flags.json) printText(context.terminal.stdout, image, (image) => `${image}\n`);
    return 0;
  },
});
