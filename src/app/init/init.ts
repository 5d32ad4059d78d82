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

/**
 * Generates oneoff.yaml from the services of the Compose file; without services, from the Dockerfile; without
 * a Dockerfile, from the apps of the engine. Other running apps, or an example, are comments.
 * @returns the text, which is valid if its variables are set, and the names of its apps.
 */
export function initManifest(found: InitFindings): { readonly text: string; readonly apps: readonly string[] } {
  const { folderName, compose, procfile, dockerfile } = found;
  const services = compose?.services.map((service) => serviceDraft(service, found)) ?? [];
  const local = services.some(hasSource) || !dockerfile ? services : [...services, dockerfileDraft(found)];
  const isOwn = ({ name }: EngineApp) => appNameOf(name) === appNameOf(folderName);
  const deployed = () => found.apps.map((app) => engineDraft(app, isOwn(app) ? procfile : undefined));
  const all = local.some(hasSource) ? local : [...local, ...deployed()];
  const apps = all.filter(hasSource);
  const unsayable = all.filter((draft) => !hasSource(draft)).map((draft) => draft.found);
  if (apps.length === 0) {
    return { text: exampleText(appNameOf(folderName), procfile !== undefined, unsayable), apps: [] };
  }
  const taken = new Set(apps.map(({ settings }) => settings.get("from")));
  const others = found.apps
    .filter(({ pick, running }) => running && !taken.has(pick))
    .map((app) => engineDraft(app, undefined))
    .filter(hasSource);
  const names = appNames(apps.map((draft) => draft.found));
  const otherNames = appNames([...names, ...others.map((draft) => draft.found)]).slice(names.length);
  return { text: manifestText(named(apps, names), named(others, otherNames), unsayable), apps: names };
}

const named = (drafts: readonly Draft[], names: readonly string[]) =>
  drafts.map((draft, index) => ({ ...draft, name: names[index] ?? "" }));
