import type { Launcher } from "./buildpacks.ts";
import type { Env } from "./env.ts";
import type { ManifestApp } from "./manifest/manifest-app.ts";
import type { Procfile } from "./procfile.ts";

/** What deployed a container; `container` for one that is known by its own name only. */
export type Deployer = "oneoff" | "dokku" | "compose" | "kamal" | "swarm" | "container";

/** What a one-off is a copy of. */
export interface App {
  readonly name: string;
  /**
   * What decided it; a deployer's name when it is a copy of a container. An image that was only tagged as a release is none.
   */
  readonly from: "--image" | "oneoff.yaml" | "release" | "image" | Deployer;
  readonly image: string;
  readonly env: Env;
  readonly procfile: Procfile;
  /** What commands are started with, in an image of buildpacks. */
  readonly launcher?: Launcher | undefined;
  /** What oneoff.yaml says of its one-offs, if it does. */
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
>;
