import type { ContainerCreateBody, HostConfig } from "./types.ts";

/** A deployed process. Its defaults are the command and the health check of the image. */
export interface ProcessCreateBody
  extends Pick<
    ContainerCreateBody,
    "Image" | "Env" | "Labels" | "User" | "WorkingDir" | "Entrypoint" | "ExposedPorts" | "NetworkingConfig"
  > {
  Cmd?: readonly string[];
  /** In seconds. */
  StopTimeout: number;
  HostConfig: Omit<HostConfig, "AutoRemove"> & {
    RestartPolicy: { Name: string; MaximumRetryCount?: number };
  };
}
