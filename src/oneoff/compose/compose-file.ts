import { loadComposeProject } from "../../app/compose/load-project.ts";
import type { ComposeChoice, LoadedCompose } from "../../app/compose/project.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import { parseQualifiedName } from "../apps/candidates.ts";
import type { Files } from "../apps/manifest-file.ts";
import { distrustReason } from "../apps/manifest-trust.ts";
import { readProfiles } from "../apps/seccomp-profiles.ts";

export interface LoadedService {
  readonly loaded: LoadedCompose;
  /** The name of the service. */
  readonly service: string;
  readonly settings: ComposeService;
  /** `security_opt` with the text of seccomp profiles. */
  readonly security: readonly string[];
}

/** Loads the nearest Compose file. @returns undefined if there is no file. */
export const loadNearest = (files: Files, choice: ComposeChoice): LoadedCompose | undefined =>
  loadComposeProject(choice, {
    ...files,
    cwd: files.shellCwd ?? files.cwd,
    distrust: (path) => distrustReason(files.fileTrust(path)),
  });

/** The names of all services, whatever their profiles. */
export const serviceNames = ({ project, disabled }: LoadedCompose): string[] =>
  [...Object.keys(project.services), ...disabled].sort();

/**
 * @param appName `web`, `shop/web` or `compose:shop/web`.
 * @returns undefined if the nearest Compose file has no such service.
 */
export function findService(files: Files, appName: string): LoadedService | undefined {
  const { from = "compose", name } = parseQualifiedName(appName);
  const [service = "", project] = name.split("/").toReversed();
  if (from !== "compose") return undefined;
  // Env files of other services may be missing.
  const nearest = loadNearest(files, { withoutEnvFiles: true });
  if (!nearest || (project !== undefined && project !== nearest.project.name)) return undefined;
  const loaded = serviceNames(nearest).includes(service) ? loadNearest(files, { services: [service] }) : undefined;
  const settings = loaded?.project.services[service];
  if (!loaded || !settings) return undefined;
  const { "security-opt": security = [] } = readProfiles(
    { "security-opt": settings.security_opt ?? [] },
    "security_opt",
    { cwd: loaded.folder, readFile: files.readFile },
  );
  return { loaded, service, settings, security };
}

/**
 * @param appName `web` or `compose:web`.
 * @returns `compose:shop/web`; undefined if the nearest Compose file has no such service, or is invalid.
 */
export function serviceNamed(files: Files, appName: string): string | undefined {
  const { name } = parseQualifiedName(appName);
  try {
    const nearest = loadNearest(files, { withoutEnvFiles: true });
    return nearest && serviceNames(nearest).includes(name) ? `compose:${nearest.project.name}/${name}` : undefined;
  } catch {
    return undefined;
  }
}
