import { launcherOfImage } from "../../app/buildpacks.ts";
import type { ComposeService } from "../../app/compose/service.ts";
import { parseEnvList } from "../../app/env.ts";
import { findImage } from "../../engine/images.ts";
import { linesOf, warning } from "../../errors/error.ts";
import { parseQualifiedName } from "../apps/candidates.ts";
import type { ResolveContext, Resolved } from "../apps/resolved-app.ts";
import { findService, type LoadedService } from "./compose-file.ts";
import { serviceObjects } from "./project-objects.ts";
import { copyService } from "./service-copy.ts";
import { serviceFiles } from "./service-files.ts";
import { serviceSurroundings } from "./service-surroundings.ts";
import { isRunning, listSiblings, type Siblings } from "./siblings.ts";

/**
 * Finds a service of the nearest Compose file.
 * @param appName `web`, `shop/web` or `compose:shop/web`.
 * @param image replaces the image of the service.
 */
export async function findServiceApp(
  context: ResolveContext,
  appName: string,
  image: string | undefined,
): Promise<Resolved | undefined> {
  const { engine, files } = context;
  const found = image === undefined ? findService(files, appName) : tryToFind(context, appName);
  if (!found) return undefined;
  const { loaded, service, settings } = found;
  const { project } = loaded;
  for (const message of loaded.warnings) context.report(warning(message));
  const siblings = needsSiblings(settings) ? await listSiblings(engine, project.name) : new Map();
  const copy = copyService(project, service, settings, { siblings, security: found.security });
  const [file = ""] = loaded.files;
  const down = servicesDown(settings, siblings);
  const needs = {
    objects: serviceObjects(project, settings),
    files: serviceFiles(loaded, service, settings),
    down,
    file,
    project: project.name,
  };
  // A missing image is reported at create.
  const details = await findImage(engine, image ?? copy.image);
  return {
    app: {
      name: parseQualifiedName(appName).name,
      from: "compose.yaml",
      image: image ?? copy.image,
      env: parseEnvList(copy.env),
      procfile: new Map(),
      launcher: launcherOfImage(details?.Config ?? {}),
      settings: {},
    },
    copy,
    file,
    ...(details && { image: details }),
    isBuilt: settings.build !== undefined,
    surroundings: serviceSurroundings(context, needs),
  };
}

/** With `--image` the app may be only a name, which has nothing to do with an invalid file. */
function tryToFind({ files, report }: ResolveContext, appName: string): LoadedService | undefined {
  try {
    return findService(files, appName);
  } catch (error) {
    report(warning(linesOf(error)));
    return undefined;
  }
}

const needsSiblings = (service: ComposeService) =>
  Boolean(
    service.depends_on ?? service.links ?? service.volumes_from ?? service.network_mode ?? service.ipc ?? service.pid,
  );

/** Required services that do not run, except those that have run successfully if that is all they have to do. */
const servicesDown = ({ depends_on = {} }: ComposeService, siblings: Siblings): string[] =>
  Object.entries(depends_on)
    .filter(([, { required }]) => required)
    .filter(([name, { condition }]) => {
      const containers = siblings.get(name) ?? [];
      const isDone = condition === "service_completed_successfully" && containers.some(hasSucceeded);
      return !isDone && !containers.some(isRunning);
    })
    .map(([name]) => name);

const hasSucceeded = ({ Status }: { readonly Status: string }) => Status.startsWith("Exited (0)");
