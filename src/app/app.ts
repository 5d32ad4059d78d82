import type { Launcher } from "./buildpacks.ts";
import type { Env } from "./env.ts";
import type { ManifestApp } from "./manifest/manifest-app.ts";
import type { Procfile } from "./procfile.ts";

/** What deployed a container; `container` for a container that is only known by its name. */
export type Deployer = "oneoff" | "dokku" | "compose" | "kamal" | "swarm" | "container";

/** The app whose settings a one-off copies. */
export interface App {
  readonly name: string;
  /**
   * Source of the settings: the deployer of a copied container; `image` for an image that was only tagged as a release;
   * `compose.yaml` for a Compose file, whatever its name.
   */
  readonly from: "--image" | "oneoff.yaml" | "compose.yaml" | "release" | "image" | Deployer;
  readonly image: string;
  readonly env: Env;
  readonly procfile: Procfile;
  /** The launcher of a buildpack image. */
  readonly launcher?: Launcher | undefined;
  /** Settings of oneoff.yaml. */
  readonly settings: AppSettings;
}

export type AppSettings = Pick<
  Partial<ManifestApp>,
  | "image"
  | "build"
  | "networks"
  | "binds"
  | "mounts"
  | "user"
  | "workdir"
  | "entrypoint"
  | "shell"
  | "init"
  | "run"
  | "sizes"
  | "formation"
  | "phaseTimeouts"
  | "processes"
  | "secrets"
  | "configs"
>;
