import { resolve } from "node:path";
import type { ContainerSettings } from "../../app/container/container-settings.ts";
import { profilePathOf } from "../../app/container/values.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { badSeccompProfile } from "../../errors/apps.ts";
import { unreadable } from "../../errors/files.ts";
import type { Files } from "./manifest-file.ts";

/**
 * Reads the seccomp profiles that options name: the engine expects their text.
 * @param source the option or the key, for errors.
 */
export function readProfiles(
  settings: ContainerSettings,
  source: string,
  { cwd, readFile }: Pick<Files, "cwd" | "readFile">,
): ContainerSettings {
  const profiles = new Map<string, string>();
  const options = settings["security-opt"]?.map((option) => {
    const path = profilePathOf(option);
    if (path === undefined) return option;
    const file = resolve(cwd, path);
    const profile = `seccomp=${compactJson(readText(file, source, readFile), file)}`;
    profiles.set(profile, `seccomp=${file}`);
    return profile;
  });
  return options ? { ...settings, "security-opt": options, profiles } : settings;
}

/** Reads the profiles of an app in oneoff.yaml. */
export function withProfiles<T extends Pick<ManifestApp, "run">>(app: T, files: Pick<Files, "cwd" | "readFile">): T {
  const { run } = app;
  if (!run?.container) return app;
  return { ...app, run: { ...run, container: readProfiles(run.container, "security-opt", files) } };
}

function readText(file: string, source: string, readFile: Files["readFile"]): string {
  try {
    return Buffer.from(readFile(file, { allowPipe: true })).toString();
  } catch (error) {
    throw unreadable(source, file, error);
  }
}

/** Removes white space between values and keeps numbers as they are written, like docker. */
function compactJson(text: string, file: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    throw badSeccompProfile(file, (error as Error).message);
  }
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
}
