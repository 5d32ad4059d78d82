/** The part of the engine's API that is written or read here, in the engine's own spelling. */

export interface ContainerCreateBody {
  Image: string;
  Cmd: readonly string[];
  Entrypoint?: readonly string[];
  Env: readonly string[];
  Labels: Readonly<Record<string, string>>;
  User?: string;
  WorkingDir?: string;
  Tty: boolean;
  OpenStdin: boolean;
  StdinOnce: boolean;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  Healthcheck: { Test: readonly string[] };
  HostConfig: HostConfig;
}

export interface HostConfig {
  AutoRemove: boolean;
  Init: boolean;
  LogConfig: { Type: string; Config?: Readonly<Record<string, string>> };
  /** Rows, then columns. Engines before API 1.42 ignore it. */
  ConsoleSize?: readonly [number, number];
  NetworkMode?: string;
  Binds?: readonly string[];
  Mounts?: readonly Mount[];
  Memory?: number;
  NanoCpus?: number;
}

export interface Mount {
  Type: "bind" | "volume" | "tmpfs";
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
}

export interface CreatedContainer {
  Id: string;
  Warnings?: readonly string[] | null;
}

export interface WaitResult {
  StatusCode: number;
  Error?: { Message?: string } | null;
}

export interface ContainerState {
  Running: boolean;
}

export interface ImageSummary {
  Id: string;
  RepoTags: readonly string[] | null;
}

export interface PullProgress {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
}
