import { mayBeApp } from "../../app/app-name.ts";
import { inspectImage } from "../../engine/images.ts";
import { badAppName } from "../../errors/app.ts";
import { noApp, unexpectedWord } from "../../errors/cli.ts";
import { isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import { omittedSettings } from "../../errors/swarm.ts";
import { type AppInfo, describeApp, type Values } from "../../oneoff/apps/app-info.ts";
import { resolveProcfile } from "../../oneoff/apps/app-procfile.ts";
import { resolveApp } from "../../oneoff/apps/resolve.ts";
import { printJson, printText } from "../../output/print.ts";
import { formatTable } from "../../output/table.ts";
import { command } from "../command.ts";
import { appOption, commonOptions, configOption, formatOption, wantsJson } from "../common-options.ts";

export const appInfoCommand = command({
  options: {
    ...appOption,
    ...configOption,
    "show-env": { type: "boolean", describe: "Show the values of environment variables" },
    ...formatOption,
    ...commonOptions,
  },
  topic: "finding-apps",
  usage: "oneoff app:info [options] <app>",
  completions: ["app"],
  describe: "Show the settings of an app and where they come from",
  examples: [
    ["oneoff app:info my-app", "values of environment variables are masked"],
    ["oneoff app:info my-app --format json | jq .env", "for a script"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const [name, ...others] = flags.app === undefined ? args : [flags.app, ...args];
    if (name === undefined) throw noApp("app:info", "<app>");
    if (others[0] !== undefined) throw unexpectedWord(others[0], "app:info");
    if (!mayBeApp(name)) throw badAppName(name);
    const json = wantsJson(flags.format, "app:info");
    const report = context.report(flags);
    await using engine = context.openEngine(flags);
    const resolved = await resolveApp({ engine, files: context, report }, { name, config: flags.config });
    const { app, omitted = [] } = resolved;
    if (omitted.length > 0) report(warning(omittedSettings(omitted)));
    const [image, types] = await Promise.all([
      inspectImage(engine, app.image).catch((error: unknown) => {
        if (isRefusal(error, 404)) return undefined;
        throw error;
      }),
      resolveProcfile(
        { engine, cache: context.cache, report, owner: context.owner.self, files: context },
        { ...resolved, config: flags.config },
        "web",
      ),
    ]);
    const info = describeApp(resolved, image, types, context.envStore.read(app.name));
    const shown = flags["show-env"] ? info : { ...info, env: masked(info.env) };
    const { stdout } = context.terminal;
    if (json) printJson(stdout, shown, 2);
    else printText(stdout, shown, text);
    return 0;
  },
});

const masked = (env: Values): Values =>
  Object.fromEntries(Object.entries(env).map(([name, { from }]) => [name, { value: "***", from }]));

function text({ name, from, file, container, service, settings, mounts, env, procfile }: AppInfo): string {
  const copied = container ?? service;
  const origin = `${file ?? from}${copied === undefined ? "" : `, a copy of ${copied}`}`;
  const parts: [heading: string, values: Values][] = [
    [`${name}: ${origin}`, settings],
    ["mounts", mounts],
    ["env", env],
    ["procfile", procfile],
  ];
  return parts
    .filter(([, values]) => Object.keys(values).length > 0)
    .map(
      ([heading, values]) =>
        `=== ${heading}\n${formatTable(Object.entries(values).map(([key, value]) => row(key, value)))}`,
    )
    .join("\n");
}

const row = (name: string, { value, from }: Values[string]) => [
  name,
  typeof value === "string" ? value : JSON.stringify(value),
  from,
];
