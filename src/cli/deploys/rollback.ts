import { isAppName } from "../../app/app-name.ts";
import { mergeEnv } from "../../app/env.ts";
import { rollBack } from "../../deploy/releases/rollback.ts";
import { readScale } from "../../deploy/schedule/scale.ts";
import { badAppName, badRelease, noApp } from "../../errors.ts";
import { findManifest, readEnv } from "../../oneoff/apps/manifest-file.ts";
import { command } from "../command.ts";
import { appOption, commonOptions, configOption, reportOptions } from "../common-options.ts";
import { deployOptions } from "./deploy-options.ts";
import { openDeploySession } from "./deploy-session.ts";

const { wait } = deployOptions;

export const rollbackCommand = command({
  options: { ...appOption, ...configOption, wait, ...reportOptions, ...commonOptions },
  usage: "oneoff rollback [options] <app> [vN]",
  takes: ["app", "release"],
  describe: "Put an older release in the place of what is live, without its phases",
  examples: [
    ["oneoff rollback my-app", "to the release before"],
    ["oneoff rollback my-app v7", "to a certain one, of oneoff releases my-app"],
  ],
  most: 2,
  async handle(args, words, context) {
    const [name, wanted] = args.app === undefined ? words : [args.app, ...words];
    if (name === undefined) throw noApp("rollback", "<app> [vN]");
    if (!isAppName(name)) throw badAppName(name);
    const number = wanted === undefined ? undefined : Number(/^v?([1-9]\d{0,8})$/.exec(wanted)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) throw badRelease(wanted ?? "");
    const described = findManifest(args.config, context)?.manifest.apps.get(name);
    const env = mergeEnv(context.envStore.read(name), described ? readEnv(described, context) : new Map());
    await using session = openDeploySession(context, name, args);
    await using _lock = await session.lock(args.wait ?? false);
    const scale = await readScale(session.engine, name);
    const release = await rollBack(session, { app: { name, env, settings: described ?? {} }, scale, number });
    if (!args.json) context.terminal.stdout.write(`${release.image}\n`);
    return 0;
  },
});
