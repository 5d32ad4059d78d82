import { findImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { linesOf, warning } from "../../errors/error.ts";
import type { Report } from "../../output/events.ts";
import { matchCandidates } from "../apps/candidates.ts";
import type { Files } from "../apps/manifest-file.ts";
import { loadNearest, serviceNames } from "./compose-file.ts";
import { serviceImage } from "./service-copy.ts";

/** A service that has no container. */
export interface ListedService {
  /** `shop/web` */
  readonly name: string;
  readonly image: string;
  /** The Unix time in seconds at which its image was created; undefined without an image. */
  readonly created: number | undefined;
}

/** Lists the services of the nearest Compose file that have no container. A file with an error is reported. */
export async function listServices(
  engine: Transport,
  { files, report }: { readonly files: Files; readonly report: Report },
  containers: readonly ContainerSummary[],
): Promise<ListedService[]> {
  const loaded = findProject(files, report);
  if (!loaded) return [];
  const { project } = loaded;
  const services = Object.entries(project.services)
    .filter(([service]) => matchCandidates(`compose:${project.name}/${service}`, containers).length === 0)
    .map(([service, settings]) => ({ service, image: serviceImage(project.name, service, settings) }));
  const images = [...new Set(services.map(({ image }) => image))];
  const details = new Map(await Promise.all(images.map(async (one) => [one, await findImage(engine, one)] as const)));
  return services.map(({ service, image }) => {
    const found = details.get(image);
    return { name: `${project.name}/${service}`, image, created: found && Date.parse(found.Created ?? "") / 1000 };
  });
}

/** The project with the services of all profiles. */
function findProject(files: Files, report: Report) {
  try {
    const nearest = loadNearest(files, { withoutEnvFiles: true });
    return nearest && loadNearest(files, { withoutEnvFiles: true, services: serviceNames(nearest) });
  } catch (error) {
    report(warning(linesOf(error)));
    return undefined;
  }
}
