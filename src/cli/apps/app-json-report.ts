import { isAppName } from "../../app/app-name.ts";
import { type AppJsonPath, appJsonPath, DEFAULT_APP_JSON, type Properties } from "../../app/properties.ts";
import { badAppName } from "../../errors/app.ts";
import { unexpectedWord } from "../../errors/cli.ts";
import { conflictingOptions, linesOf, OneoffError, warning } from "../../errors/error.ts";
import { listApps } from "../../oneoff/apps/app-list.ts";
import { unqualifiedName } from "../../oneoff/apps/find.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { propertyReport } from "../../output/lines.ts";
import { printJson, printText } from "../../output/print.ts";
import { quoted } from "../../text/quoted.ts";
import { choice } from "../choice.ts";
import { command, type Flags } from "../command.ts";
import { appOption, commonOptions, configOption } from "../common-options.ts";
import type { Context } from "../context.ts";

/** Values that an option prints alone, with the keys of their rows. */
const VALUES = {
  "computed-appjson-path": {
    key: "App-json computed appjson path",
    raw: ({ computed }: AppJsonPath) => computed,
    row: ({ computed }: AppJsonPath) => computed,
  },
  "global-appjson-path": {
    key: "App-json global appjson path",
    raw: ({ global = "" }: AppJsonPath) => global,
    row: ({ global = DEFAULT_APP_JSON }: AppJsonPath) => global,
  },
  "appjson-path": {
    key: "App-json appjson path",
    raw: ({ app = "" }: AppJsonPath) => app,
    row: ({ app = "" }: AppJsonPath) => app,
  },
} as const;

type Value = keyof typeof VALUES;

const options = {
  global: { type: "boolean", describe: "Show the default of all apps" },
  ...appOption,
  ...configOption,
  format: {
    type: "string",
    placeholder: "FORMAT",
    completion: ["stdout", "json"],
    describe: "Output format: stdout or json (default stdout)",
  },
  "app-json-computed-appjson-path": { type: "boolean", describe: "Print only the path in use" },
  "app-json-global-appjson-path": { type: "boolean", describe: "Print only the path for all apps" },
  "app-json-appjson-path": { type: "boolean", describe: "Print only the path set for the app" },
  ...commonOptions,
} as const;

export const appJsonReportCommand = command({
  options,
  usage: "oneoff app-json:report [options] [app|--global]",
  completions: ["app"],
  describe: "Show the path of app.json, for an app or all apps",
  examples: [
    ["oneoff app-json:report my-app", "the path in use, for all apps, and for this app"],
    ["oneoff app-json:report my-app --app-json-computed-appjson-path", "only the path in use, for a script"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const { json, single } = outputOf(flags);
    const app = appOf(flags, args);
    const properties = context.properties.read();
    const { stdout } = context.terminal;
    const values = Object.keys(VALUES).filter((value) => !flags.global || value !== "appjson-path") as Value[];
    const isAlone = flags.global || app !== undefined;
    const apps = isAlone ? [app] : await allApps(flags, context, properties);
    const found = apps.map((app) => ({ app, path: appJsonPath(properties, app) }));
    if (json) {
      const reports = found.map(({ app, path }) => ({ ...(!isAlone && { app }), ...toJson(values, path) }));
      printJson(stdout, isAlone ? reports[0] : reports, 2);
    } else if (single)
      for (const { path } of found) printText(stdout, VALUES[single].raw(path), (value) => `${value}\n`);
    else {
      const rows = (path: AppJsonPath) => values.map((value) => [VALUES[value].key, VALUES[value].row(path)] as const);
      for (const { app = "--global", path } of found)
        printText(stdout, rows(path), (all) => propertyReport(`${app} app-json information`, all));
    }
    return 0;
  },
});

function outputOf(flags: Flags<typeof options>): { json: boolean; single: Value | undefined } {
  const { global } = flags;
  const format = choice("--format", flags.format ?? "stdout", ["stdout", "json"], "app-json:report");
  const [one, other] = (Object.keys(VALUES) as Value[]).filter((value) => flags[`app-json-${value}`]);
  const flag = `--app-json-${one}`;
  if (one && other) throw conflictingOptions(flag, `--app-json-${other}`);
  if (one && format === "json") throw conflictingOptions(flag, "--format json");
  if (one === "appjson-path" && global) throw conflictingOptions(flag, "--global");
  return { json: format === "json", single: one };
}

function appOf({ global, app }: Flags<typeof options>, [word]: readonly string[]): string | undefined {
  if (app !== undefined && word !== undefined) throw unexpectedWord(word, "app-json:report");
  const named = app ?? word;
  if (global && named !== undefined) throw conflictingOptions("--global", quoted(named));
  if (named !== undefined && !isAppName(named)) throw badAppName(named);
  return named;
}

/** The keys, with and without the prefix of the option names. */
const toJson = (values: readonly Value[], path: AppJsonPath) =>
  Object.fromEntries(
    ["", "app-json-"].flatMap((prefix) => values.map((value) => [`${prefix}${value}`, VALUES[value].raw(path)])),
  );

/** Apps with properties and deployed apps; without an engine only locally known apps. */
async function allApps(flags: Flags<typeof options>, context: Context, { apps }: Properties) {
  const found = await findManifest(flags.config, context);
  const names = new Set([...apps.keys(), ...(found?.manifest.apps.keys() ?? [])]);
  try {
    await using engine = context.openEngine(flags);
    for (const { name, from } of await listApps(engine, found)) {
      if (from === "release" || from === "image" || from === "oneoff") names.add(unqualifiedName(name));
    }
  } catch (error) {
    if (!(error instanceof OneoffError) || error.kind === "usage") throw error;
    context.report(flags)(warning([...linesOf(error), "only apps known on this machine are listed"]));
  }
  if (names.size === 0)
    printText(
      context.terminal.stderr,
      "No apps found: no properties are set and there is nothing to deploy",
      (line) => `${line}\n`,
    );
  return [...names].sort();
}
