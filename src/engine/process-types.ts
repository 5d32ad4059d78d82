import type { ContainerCreateBody, HostConfig } from "./types.ts";

/** A deployed process. Its defaults are the command and the health check of the image. */
export interface ProcessCreateBody
  extends Pick<
    ContainerCreateBody,
    "Image" | "Env" | "Labels" | "User" | "WorkingDir" | "Entrypoint" | "NetworkingConfig"
  > {
  Cmd?: readonly string[];
  /** In seconds. */
  StopTimeout: number;
  ExposedPorts?: Readonly<Record<string, object>>;
  HostConfig: Omit<HostConfig, "AutoRemove"> & {
    RestartPolicy: { Name: string; MaximumRetryCount?: number };
    /** By `5000/tcp`. */
    PortBindings?: Readonly<Record<string, readonly PortBinding[]>>;
  };
}

/** Empty for all addresses and for any free port. */
export interface PortBinding {
  HostIp: string;
  HostPort: string;
}
