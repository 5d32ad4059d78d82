import { isAppName } from "../../app/app-name.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { appJsonPath } from "../../app/properties.ts";
import { parseCount, parseDuration } from "../../app/units.ts";
import type { SourcePaths } from "../../deploy/image/source-files.ts";
import { type ImageSource, parseStep, type StepChoice } from "../../deploy/plan.ts";
import { badAppName } from "../../errors/app.ts";
import { noApp } from "../../errors/cli.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import type { Context } from "../context.ts";
import type { DeployFlags } from "./deploy-options.ts";
import { chooseSource } from "./deploy-source.ts";

/** The arguments and options of a deploy, with the app in oneoff.yaml. */
export interface DeployInput {
  readonly flags: DeployFlags;
  readonly name: string;
  readonly described: ManifestApp | undefined;
  readonly choice: StepChoice;
  /** In seconds. */
  readonly phaseTimeout: number | undefined;
  readonly keepReleases: number;
  readonly source: ImageSource;
  readonly paths: SourcePaths;
}

/** @throws OneoffError for invalid arguments, before anything is sent to the engine. */
export async function readDeployInput(
  flags: DeployFlags,
  args: readonly string[],
  context: Context,
): Promise<DeployInput> {
  const apps = (await findManifest(flags.config, context))?.manifest.apps;
  const [name = apps?.size === 1 ? [...apps.keys()][0] : undefined, folder] =
    flags.app === undefined ? args : [flags.app, ...args];
  if (name === undefined) throw noApp("deploy", "<app> [folder]");
  if (!isAppName(name)) throw badAppName(name);
  const described = apps?.get(name);
  const choice = {
    ...(flags.only && { only: flags.only.map((step) => parseStep(step, "--only")) }),
    ...(flags.skip && { skip: flags.skip.map((step) => parseStep(step, "--skip")) }),
    ...(flags.from !== undefined && { from: parseStep(flags.from, "--from") }),
  };
  const phaseTimeout =
    flags["phase-timeout"] === undefined ? undefined : parseDuration(flags["phase-timeout"], "--phase-timeout");
  const keepReleases = parseCount(flags["keep-releases"] ?? "5", "--keep-releases");
  const source = chooseSource(flags, folder, described, context);
  const paths = {
    procfile: described?.procfile,
    appJson: described?.appJson,
    appJsonPath: appJsonPath(context.properties.read(), name).computed,
  };
  return { flags, name, described, choice, phaseTimeout, keepReleases, source, paths };
}
