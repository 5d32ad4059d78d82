import type { ContainerCreateBody, HostConfig } from "./types.ts";

/** Of what runs on without us; its command and its check are the image's unless given. */
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

/** Empty for all addresses, and for a port that is free. */
export interface PortBinding {
  HostIp: string;
  HostPort: string;
}
