import { isAppName } from "../../app/app-name.ts";
import { isSwarmApp } from "../../deploy/swarm/is-swarm-app.ts";
import { readSwarmApp } from "../../deploy/swarm/swarm-app.ts";
import type { Transport } from "../../engine/transport.ts";
import { badAppName } from "../../errors/app.ts";
import { noApp } from "../../errors/cli.ts";
import { findDeployer } from "../../oneoff/apps/deployer-of.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { printJson, printText } from "../../output/print.ts";
import { formatList } from "../../output/table.ts";
import { formatAge } from "../../output/units.ts";
import type { Release } from "../../release/release.ts";
import { currentRelease, listReleases } from "../../release/releases.ts";
import { command } from "../command.ts";
import { appOption, commonOptions, formatOption, wantsJson } from "../common-options.ts";
import { tableStyle } from "../table-style.ts";
import { isForSwarm } from "./processes-session.ts";

export const releasesCommand = command({
  options: { ...appOption, ...formatOption, ...commonOptions },
  usage: "oneoff releases [options] <app>",
  completions: ["app"],
  describe: "List the releases of an app",
  examples: [
    ["oneoff releases my-app", "newest first, with the live one marked"],
    ["oneoff releases my-app --format json | jq -r '.[] | select(.live).image'", "the live image"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const name = flags.app ?? args[0];
    if (name === undefined) throw noApp("releases", "<app>");
    if (!isAppName(name)) throw badAppName(name);
    const json = wantsJson(flags.format, "releases");
    await using engine = context.openEngine(flags);
    const { current, releases } = await readReleases(engine, name, await isForSwarm(context, {}, name));
    if (releases.length === 0) await findDeployer(engine, name, await findManifest(undefined, context), "releases");
    const { stdout } = context.terminal;
    const isLive = (number: number) => number === current?.number;
    if (json) {
      const shown = releases.map(({ number, image, imageId, created: createdAt, procfile }) => ({
        ...{ release: number, image, imageId, createdAt, live: isLive(number) },
        processTypes: [...procfile.keys()],
      }));
      printJson(stdout, shown, 2);
    } else if (releases.length === 0) {
      context.report(flags)({ type: "none-found", resource: "releases", app: name, states: [] });
    } else {
      const now = engine.clock.now();
      const rows = releases.map(({ number, image, created, procfile }) => [
        ...[`v${number}`, isLive(number) ? "live" : "", image, [...procfile.keys()].join(" ")],
        ageOf(created, now),
      ]);
      printText(stdout, rows, (all) =>
        formatList(["RELEASE", "", "IMAGE", "TYPES", "AGE"], all, tableStyle(context, flags)),
      );
    }
    return 0;
  },
});

interface Releases {
  readonly current: Release | undefined;
  readonly releases: readonly Release[];
}

async function readReleases(engine: Transport, app: string, isDeclared: boolean): Promise<Releases> {
  const [current, releases] = await Promise.all([currentRelease(engine, app), listReleases(engine, app)]);
  const isLocal = releases.length > 0;
  return (await isSwarmApp(engine, app, { isDeclared, isLocal }))
    ? await readSwarmApp(engine, app)
    : { current, releases };
}

/** Empty if the label of a hand-made image is no valid time. */
function ageOf(created: string, now: number): string {
  const seconds = now - Date.parse(created) / 1000;
  return Number.isNaN(seconds) ? "" : formatAge(seconds);
}
