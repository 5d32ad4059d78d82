import type { Inherited } from "../env.ts";
import { checkConsistency } from "./consistency.ts";
import { contentsOf } from "./contents.ts";
import { discover } from "./discovery.ts";
import { newLoading } from "./loading.ts";
import { loadModel, wrongIn } from "./model.ts";
import { normalize } from "./normalize.ts";
import type { ComposeChoice, ComposeFiles, ComposeProject, LoadedCompose } from "./project.ts";
import { projectName } from "./project-name.ts";
import { project as projectShape } from "./project-shape.ts";
import { selected, withProfiles, withUsedResources } from "./selection.ts";
import { withFileValues } from "./service-env.ts";
import { isMap, type Value, type ValueMap } from "./value.ts";

/**
 * Reads the project of the working folder by the rules of `docker compose`.
 * @returns undefined without a Compose file in the folder or its parents.
 * @throws `bad-compose` with file, line and column where Compose fails, too.
 */
export function loadComposeProject(choice: ComposeChoice, files: ComposeFiles): LoadedCompose | undefined {
  const loading = newLoading(files);
  const found = discover(loading);
  if (!found) return undefined;
  const name = projectName(choice, found, loading);
  const environment: Inherited = { ...found.environment, COMPOSE_PROJECT_NAME: name };
  const model = loadModel(found.files, { folder: found.folder, environment, included: [] }, loading);
  const wrong = wrongIn(loading.documents);
  const whole = projectShape.write(normalize(model, name, environment), [], wrong) as Omit<ComposeProject, "name">;
  const active = choice.profiles ?? (environment.COMPOSE_PROFILES ?? "").split(",").map((profile) => profile.trim());
  const services = withProfiles(whole.services ?? {}, active);
  const project = { ...whole, name, services: services.enabled };
  checkConsistency(services, project, wrong);
  const chosen = selected(services, active, choice.services ?? [], found.files.join(", "));
  const complete = Object.entries(chosen).map(
    ([key, service]) => [key, withFileValues(service, environment, loading)] as const,
  );
  return {
    project: { ...withUsedResources({ ...project, services: Object.fromEntries(complete) }), ...extensions(model) },
    folder: found.folder,
    files: found.files,
    disabled: Object.keys(services.disabled),
    environment,
    contents: { secrets: contentsOf(model.secrets), configs: contentsOf(model.configs) },
    warnings: [...loading.warnings],
  };
}

/** Compose prints the extensions of a project, and leaves out other extensions. */
const extensions = (model: ValueMap) =>
  Object.fromEntries(
    Object.entries(model).flatMap(([key, value]) => (key.startsWith("x-") ? [[key, plain(value)]] : [])),
  );

function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return typeof value === "bigint" ? Number(value) : value;
}
