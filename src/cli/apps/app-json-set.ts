import { isAppName } from "../../app/app-name.ts";
import { didYouMean } from "../../app/did-you-mean.ts";
import { PROPERTIES, parseAppJsonPath, withProperty } from "../../app/properties.ts";
import { badAppName, noProperty, noPropertyApp, unknownProperty } from "../../errors/app.ts";
import { unexpectedWord } from "../../errors/cli.ts";
import { conflictingOptions } from "../../errors/error.ts";
import { printText } from "../../output/print.ts";
import { quoted } from "../../text/quoted.ts";
import { command, type Flags } from "../command.ts";
import { appOption, commonOptions } from "../common-options.ts";

const options = {
  global: { type: "boolean", describe: "Set the default of all apps" },
  ...appOption,
  ...commonOptions,
} as const;

export const appJsonSetCommand = command({
  options,
  usage: "oneoff app-json:set [--global] [app] appjson-path [path]",
  completions: ["app", PROPERTIES, "file"],
  describe: "Set the path of app.json, for an app or all apps",
  examples: [
    ["oneoff app-json:set my-app appjson-path .dokku/app.json", "relative to the source or the image's WORKDIR"],
    ["oneoff app-json:set my-app appjson-path", "unset it, use the default of all apps"],
    ["oneoff app-json:set --global appjson-path deploy.json", "for apps without a path of their own"],
  ],
  async handle(flags, args, { properties, terminal }) {
    const { app, property, given } = whatToSet(flags, args);
    const value = given === undefined || given === "" ? undefined : parseAppJsonPath(given);
    await properties.change((now) => withProperty(now, app, property, value));
    const done = value === undefined ? `Unsetting ${property}` : `Setting ${property} to ${value}`;
    printText(terminal.stdout, done, (line) => `=====> ${line}\n`);
    return 0;
  },
});

const isProperty = (word: string | undefined) => PROPERTIES.some((one) => one === word);

/** @returns undefined as the app for all apps. */
function whatToSet({ global, app: named }: Flags<typeof options>, given: readonly string[]) {
  if (global && named !== undefined) throw conflictingOptions("--global", "--app");
  const args = named === undefined ? given : [named, ...given];
  if (global && !isProperty(args[0]) && isProperty(args[1]))
    throw conflictingOptions("--global", quoted(args[0] ?? ""));
  const [app, property, value, rest] = global ? [undefined, ...args] : args;
  if (app !== undefined && isProperty(app) && !isProperty(property)) throw noPropertyApp(app);
  if (property === undefined) throw noProperty(PROPERTIES);
  if (!isProperty(property)) throw unknownProperty(property, didYouMean(property, PROPERTIES), PROPERTIES);
  if (app !== undefined && !isAppName(app)) throw badAppName(app);
  if (rest !== undefined) throw unexpectedWord(rest, "app-json:set");
  return { app, property, given: value };
}
