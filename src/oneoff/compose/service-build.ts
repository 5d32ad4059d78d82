import type { ComposeBuild } from "../../app/compose/service-parts.ts";
import { noServiceToBuild } from "../../errors/services.ts";
import type { Files } from "../apps/manifest-file.ts";
import { findService } from "./compose-file.ts";
import { serviceImage } from "./service-copy.ts";

/** How Compose builds the image of a service. */
export interface ServiceBuildPlan {
  readonly build: ComposeBuild;
  readonly image: string;
  /** The labels of Compose. */
  readonly labels: Readonly<Record<string, string>>;
}

/** @throws OneoffError for an app that is not a service with `build` */
export function planServiceBuild(files: Files, appName: string): ServiceBuildPlan {
  const found = findService(files, appName);
  const { build } = found?.settings ?? {};
  if (!found || !build) throw noServiceToBuild(appName, found?.loaded.files[0]);
  const { loaded, service, settings } = found;
  const project = loaded.project.name;
  return {
    build,
    image: serviceImage(project, service, settings),
    labels: { "com.docker.compose.project": project, "com.docker.compose.service": service },
  };
}
