import type { ListedApp } from "../../oneoff/apps/app-entries.ts";
import { listApps } from "../../oneoff/apps/app-list.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { formatCounts } from "../../oneoff/apps/process-counts.ts";
import { printJson, printText } from "../../output/print.ts";
import { formatList } from "../../output/table.ts";
import { formatAge } from "../../output/units.ts";
import { command } from "../command.ts";
import { commonOptions, configOption, formatOption, wantsJson } from "../common-options.ts";
import { tableStyle } from "../table-style.ts";

export const appsCommand = command({
  options: { ...configOption, ...formatOption, ...commonOptions },
  topic: "finding-apps",
  usage: "oneoff apps [options]",
  describe: "List apps and where they come from",
  examples: [
    ["oneoff apps", "apps of oneoff.yaml, releases and containers"],
    ["oneoff apps --format json | jq -r '.[].name'", "names only, for a script"],
  ],
  most: 0,
  async handle(flags, _args, context) {
    const json = wantsJson(flags.format, "apps");
    const found = await findManifest(flags.config, context);
    await using engine = context.openEngine(flags);
    const apps = await listApps(engine, found, { files: context, report: context.report(flags) });
    const { stdout, stderr } = context.terminal;
    if (json) printJson(stdout, apps.map(toJson), 2);
    else if (apps.length === 0)
      printText(
        stderr,
        "No apps found: no oneoff.yaml, release, container or Compose file",
        (line) => `${line}\n  oneoff init\n`,
      );
    else {
      const now = engine.clock.now();
      const rows = apps.map(({ name, from, image, state, created, processes }) => [
        ...[name, from, image, formatCounts(processes) || (state === "missing" ? "no image" : state)],
        created === undefined ? "" : formatAge(now - created),
      ]);
      printText(stdout, rows, (all) =>
        formatList(["APP", "FROM", "IMAGE", "STATE", "AGE"], all, tableStyle(context, flags)),
      );
      const degraded = apps.flatMap(({ name, degraded }) => (degraded.length > 0 ? name : []));
      printText(stderr, degraded, (names) => names.map((name) => `  oneoff start ${name}\n`).join(""));
    }
    return 0;
  },
});

const toJson = ({ name, from, image, state, created, processes, degraded }: ListedApp) => ({
  ...{ name, from, image, state },
  createdAt: created === undefined ? null : new Date(created * 1000).toISOString(),
  processes,
  degraded: degraded.map(({ processType, running, desired }) => ({ processType, running, desired })),
});
