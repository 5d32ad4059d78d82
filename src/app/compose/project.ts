import type { Inherited } from "../env.ts";
import type { ComposeService } from "./service.ts";
import type { Strings } from "./service-parts.ts";

/** A project as Compose prints it: `docker compose config --format json`, with `$$` as `$`. */
export interface ComposeProject {
  readonly name: string;
  /** Services whose profiles are active. */
  readonly services: Readonly<Record<string, ComposeService>>;
  /** Only what these services use, as the following maps. */
  readonly networks?: Readonly<Record<string, ComposeNetwork>>;
  readonly volumes?: Readonly<Record<string, ComposeVolume>>;
  readonly secrets?: Readonly<Record<string, ComposeFileObject>>;
  readonly configs?: Readonly<Record<string, ComposeFileObject>>;
}

/** `name` is the name on the engine. */
export interface ComposeNetwork {
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Strings;
  readonly ipam?: ComposeIpam;
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: Strings;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
}

export interface ComposeIpam {
  readonly driver?: string;
  readonly config?: readonly {
    readonly subnet?: string;
    readonly gateway?: string;
    readonly ip_range?: string;
    readonly aux_addresses?: Strings;
  }[];
}

export interface ComposeVolume {
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Strings;
  readonly external?: boolean;
  readonly labels?: Strings;
}

/** A secret or config; exactly one of `file`, `environment`, `content` and `external` is set. */
export interface ComposeFileObject {
  readonly name?: string;
  /** An absolute path. */
  readonly file?: string;
  /** The name of the variable with the content, which is in `LoadedCompose.contents`. */
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: Strings;
  readonly driver?: string;
  readonly driver_opts?: Strings;
  readonly template_driver?: string;
}

/** Access to the files of a project, and to the environment. */
export interface ComposeFiles {
  readonly cwd: string;
  readonly env: Inherited;
  exists(path: string): boolean;
  /** @throws NodeJS.ErrnoException */
  readFile(path: string): Uint8Array;
  /** Why a file that was found, and not named by the user, must not be read: another user can write it. */
  distrust(path: string): string | undefined;
}

/** What the user chose; the rest comes from the environment and `.env`. */
export interface ComposeChoice {
  /** As `docker compose --project-name`. */
  readonly projectName?: string;
  /** As `docker compose --profile`. */
  readonly profiles?: readonly string[];
  /** As `docker compose config SERVICE…`: these services, whatever their profiles, and what they depend on. */
  readonly services?: readonly string[];
  /** Skips the files of `env_file` and `label_file`, which may be missing: enough for names. */
  readonly withoutEnvFiles?: boolean;
  /**
   * Keeps variables in what may contain secrets: `image`, `environment`, `entrypoint` and `build.args`, with `$$` for
   * each other dollar. `env_file` is kept, too, and no value is taken from the environment.
   */
  readonly keepsVariables?: boolean;
}

export interface LoadedCompose {
  readonly project: ComposeProject;
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Paths of the Compose files: the file and its override, or the files of COMPOSE_FILE. */
  readonly files: readonly string[];
  /** Services whose profiles are not active, by name. */
  readonly disabled: readonly string[];
  /** The environment with the variables of `.env`. */
  readonly environment: Inherited;
  /** Contents of secrets and configs that come from a variable, by key. */
  readonly contents: {
    readonly secrets: Readonly<Record<string, string>>;
    readonly configs: Readonly<Record<string, string>>;
  };
  /** Variables that are not set, one text each. */
  readonly warnings: readonly string[];
}
