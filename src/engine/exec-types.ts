export interface ExecCreateBody {
  Cmd: readonly string[];
  Env: readonly string[];
  User?: string;
  WorkingDir?: string;
  Tty: boolean;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  /** Rows, then columns. Engines before API 1.42 ignore it. */
  ConsoleSize?: readonly [number, number];
}

export interface ExecDetails {
  Running: boolean;
  ExitCode: number | null;
  /** Docker has 0 for a command that never started. */
  Pid?: number | null;
}
