import type { Inherited } from "../env.ts";
import { checkConsistency, checkContainerNames, type WholeProject } from "./consistency.ts";
import { contentsOf } from "./contents.ts";
import { discover } from "./discovery.ts";
import { newLoading } from "./loading.ts";
import { loadModel, wrongIn } from "./model.ts";
import { normalize } from "./normalize.ts";
import type { ComposeChoice, ComposeFiles, LoadedCompose } from "./project.ts";
import { projectName } from "./project-name.ts";
import { project as projectShape } from "./project-shape.ts";
import { selected, withProfiles, withUsedResources } from "./selection.ts";
import type { ComposeService } from "./service.ts";
import { withFileValues, withoutFiles } from "./service-env.ts";
import { isMap, type Value, type ValueMap } from "./value.ts";

/**
 * Reads the project of the working folder by the rules of `docker compose`.
 * @returns undefined without a Compose file in the folder or its parents.
 * @throws `bad-compose` with file, line and column where Compose fails, too.
 */
export function loadComposeProject(choice: ComposeChoice, files: ComposeFiles): LoadedCompose | undefined {
  const { keepsVariables = false } = choice;
  const loading = newLoading(files, keepsVariables);
  const found = discover(loading);
  if (!found) return undefined;
  const name = projectName(choice, found, loading);
  const environment: Inherited = { ...found.environment, COMPOSE_PROJECT_NAME: name };
  const model = loadModel(found.files, { folder: found.folder, environment, included: [] }, loading);
  const wrong = wrongIn([...loading.documents.values()].flat());
  const normal = normalize(model, name, keepsVariables ? undefined : environment);
  const whole = projectShape.write(normal, [], wrong) as Omit<WholeProject, "name">;
  const active = choice.profiles ?? (environment.COMPOSE_PROFILES ?? "").split(",").map((profile) => profile.trim());
  const services = withProfiles(mapped(whole.services, withScale), active);
  const project = { ...whole, name, services: services.enabled };
  checkConsistency(services, project, wrong);
  const chosen = selected(services, active, choice.services ?? [], found.files.join(", "));
  checkContainerNames(chosen, wrong);
  const complete = mapped(chosen, (service, key) =>
    keepsVariables
      ? service
      : choice.withoutEnvFiles
        ? withoutFiles(service)
        : withFileValues(service, environment, loading, (name, problem) => wrong(["services", key, name], problem)),
  );
  return {
    project: { ...withUsedResources({ ...project, services: complete }), ...extensions(model) },
    folder: found.folder,
    files: found.files,
    disabled: Object.keys(services.disabled),
    environment,
    contents: { secrets: contentsOf(model.secrets), configs: contentsOf(model.configs) },
    warnings: [...loading.warnings],
  };
}

/** Compose copies `scale` to `deploy`. */
const withScale = (service: ComposeService): ComposeService =>
  service.scale === undefined || !service.deploy || service.deploy.replicas !== undefined
    ? service
    : { ...service, deploy: { ...service.deploy, replicas: service.scale } };

const mapped = <T, U>(
  map: Readonly<Record<string, T>> = {},
  change: (value: T, key: string) => U,
): Readonly<Record<string, U>> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));

/** Compose prints the extensions of a project, with null for an empty list, and leaves out other extensions. */
const extensions = (model: ValueMap) =>
  Object.fromEntries(
    Object.entries(model).flatMap(([key, value]) => (key.startsWith("x-") ? [[key, plain(value)]] : [])),
  );

function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value.map(plain) : null;
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return typeof value === "bigint" ? Number(value) : value;
}
