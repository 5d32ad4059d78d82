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

interface Nearby {
  readonly files: Files;
  readonly report: Report;
}

/** Lists the services of the nearest Compose file that have no container. */
export async function listServices(
  engine: Transport,
  nearby: Nearby,
  containers: readonly ContainerSummary[],
): Promise<ListedService[]> {
  const services = undeployedServices(nearby, containers);
  const images = [...new Set(services.map(({ image }) => image))];
  const details = new Map(await Promise.all(images.map(async (one) => [one, await findImage(engine, one)] as const)));
  return services.map(({ name, image }) => {
    const found = details.get(image);
    return { name, image, created: found && Date.parse(found.Created ?? "") / 1000 };
  });
}

/** The services of the nearest Compose file that have no container. A file with an error is reported. */
export function undeployedServices({ files, report }: Nearby, containers: readonly ContainerSummary[]) {
  const { project } = findProject(files, report) ?? {};
  if (!project) return [];
  return Object.entries(project.services)
    .map(([service, settings]) => ({
      name: `${project.name}/${service}`,
      image: serviceImage(project.name, service, settings),
    }))
    .filter(({ name }) => matchCandidates(`compose:${name}`, containers).length === 0);
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
