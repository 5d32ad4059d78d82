/** The part of the engine's API about images that is written or read here, in the engine's own spelling. */

/** `GET /images/{name}/json` */
export interface ImageDetails {
  Id: string;
  /** ISO 8601, where the image says. */
  Created?: string;
  Config?: {
    Env?: readonly string[] | null;
    Entrypoint?: readonly string[] | null;
    Cmd?: readonly string[] | null;
    WorkingDir?: string;
    User?: string;
    StopSignal?: string;
    Labels?: Readonly<Record<string, string>> | null;
  };
  RepoTags?: readonly string[] | null;
  Architecture?: string;
  Os?: string;
  OsVersion?: string;
  Variant?: string;
  Author?: string;
  /** By their digests before compression, the lowest first. */
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
  /** `units` of what is no number of bytes. */
  progressDetail?: { current?: number; total?: number; units?: string };
  error?: string;
}
