import type { App } from "../../app/app.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import type { Transport } from "../../engine/transport.ts";
import type { Report } from "../../output/events.ts";
import type { Surroundings } from "../session/surroundings.ts";
import type { ServiceApp } from "../swarm/services/service-app.ts";
import type { ContainerCopy } from "./copy.ts";
import type { Files } from "./manifest-file.ts";

export interface AppRequest {
  readonly name: string;
  /** `--image` */
  readonly image?: string | undefined;
  /** `--config` */
  readonly config?: string | undefined;
  /** `--build`: only a service of a Compose file is meant. */
  readonly build?: boolean | undefined;
}

export interface ResolveContext {
  readonly engine: Transport;
  readonly files: Files;
  readonly report: Report;
}

export interface Resolved {
  readonly app: App;
  /** Settings of the container that the app was found by. */
  readonly copy?: ContainerCopy;
  /** The path of oneoff.yaml or of the Compose file. */
  readonly file?: string;
  /** Of a service in a Compose file. */
  readonly surroundings?: Surroundings;
  /** Of a service of a Swarm, which may run on another node. */
  readonly swarm?: ServiceApp;
  /** Settings of the service that depend on its task, which a container does not get: `variable SLOT`. */
  readonly omitted?: readonly string[];
  /** The image of the service, if the engine has it. */
  readonly image?: ImageDetails;
  /** Whether Compose builds the image of the service. */
  readonly isBuilt?: boolean;
}
