/** The used part of the Engine API for images, with its names. */

/** `GET /images/{name}/json` */
export interface ImageDetails {
  Id: string;
  /** ISO 8601, if the image has it. */
  Created?: string;
  Config?: {
    Env?: readonly string[] | null;
    Entrypoint?: readonly string[] | null;
    Cmd?: readonly string[] | null;
    WorkingDir?: string;
    User?: string;
    StopSignal?: string;
    Labels?: Readonly<Record<string, string>> | null;
    Healthcheck?: { readonly Test?: readonly string[] | null } | null;
  };
  RepoTags?: readonly string[] | null;
  /** `registry.example.com/app@sha256:…`, of registries that it was pulled from or pushed to. */
  RepoDigests?: readonly string[] | null;
  Architecture?: string;
  Os?: string;
  OsVersion?: string;
  Variant?: string;
  Author?: string;
  /** Digests before compression, from the base layer. */
  RootFS?: { Layers?: readonly string[] | null };
}

export interface ImageSummary {
  Id: string;
  RepoTags: readonly string[] | null;
  Labels?: Readonly<Record<string, string>> | null;
  /** In seconds since 1970. */
  Created: number;
}

export interface PullProgress {
  id?: string;
  status?: string;
  /** `units` if the progress is not in bytes. */
  progressDetail?: { current?: number; total?: number; units?: string };
  error?: string;
  /** At the end of a push. */
  aux?: { Digest?: string };
}
