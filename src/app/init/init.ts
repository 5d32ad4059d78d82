import {
  type Draft,
  dockerfileDraft,
  type EngineApp,
  engineDraft,
  hasSource,
  type InitFindings,
  serviceDraft,
} from "./init-draft.ts";
import { appNameOf, appNames } from "./init-names.ts";
import { exampleText, manifestText } from "./init-text.ts";

export interface InitManifest {
  readonly text: string;
  /** The names of its apps. */
  readonly apps: readonly string[];
  /** Apps with settings that oneoff.yaml cannot express. */
  readonly partial: readonly { readonly name: string; readonly notIncluded: readonly string[] }[];
  /** Original names of apps that oneoff.yaml cannot express. */
  readonly skipped: readonly string[];
}

/**
 * Generates oneoff.yaml from the services of the Compose file; without services, from the Dockerfile; without
 * a Dockerfile, from the apps of the engine. Other running apps, or an example, are comments.
 * @returns the text, which is valid if its variables are set, and the names of its apps.
 */
export function initManifest(findings: InitFindings): InitManifest {
  const { folderName, compose, procfile, dockerfile } = findings;
  const services = compose?.services.map((service) => serviceDraft(service, findings)) ?? [];
  const local = services.some(hasSource) || !dockerfile ? services : [...services, dockerfileDraft(findings)];
  const isOwn = ({ name }: EngineApp) => appNameOf(name) === appNameOf(folderName);
  const deployed = () => findings.apps.map((app) => engineDraft(app, isOwn(app) ? procfile : undefined));
  const all = local.some(hasSource) ? local : [...local, ...deployed()];
  const apps = all.filter(hasSource);
  const skipped = all.filter((draft) => !hasSource(draft)).map((draft) => draft.originalName);
  if (apps.length === 0)
    return {
      text: exampleText(appNameOf(folderName), procfile !== undefined, skipped),
      apps: [],
      partial: [],
      skipped,
    };
  const taken = new Set(apps.map(({ settings }) => settings.get("from")));
  const others = findings.apps
    .filter(({ pick, running }) => running && !taken.has(pick))
    .map((app) => engineDraft(app, undefined))
    .filter(hasSource);
  const names = appNames(apps.map((draft) => draft.originalName));
  const otherNames = appNames([...names, ...others.map((draft) => draft.originalName)]).slice(names.length);
  const own = named(apps, names);
  const partial = own.filter(({ notIncluded }) => notIncluded.length > 0);
  return { text: manifestText(own, named(others, otherNames), skipped), apps: names, partial, skipped };
}

const named = (drafts: readonly Draft[], names: readonly string[]) =>
  drafts.map((draft, index) => ({ ...draft, name: names[index] ?? "" }));
