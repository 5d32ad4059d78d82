import type { AppJson } from "../app/app-json.ts";
import type { SourceFiles } from "./image/source-files.ts";
import type { RecordedRelease } from "./releases/release-labels.ts";

/** Whether a release says the same as what is to be deployed. */
export const isSame = (release: RecordedRelease, base: string, { procfile, appJson }: SourceFiles): boolean =>
  release.base === base &&
  JSON.stringify([...release.procfile]) === JSON.stringify([...procfile]) &&
  JSON.stringify(comparable(release.appJson)) === JSON.stringify(comparable(appJson));

/** Without `env`, which a release does not have. */
const comparable = ({ scripts, formation, healthchecks }: AppJson) => [scripts, [...formation], [...healthchecks]];
