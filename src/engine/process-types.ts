import type { ContainerCreateBody, HostConfig } from "./types.ts";

/** Of what runs on without us; its command and its check are the image's unless given. */
export interface ProcessCreateBody
  extends Pick<ContainerCreateBody, "Image" | "Env" | "Labels" | "User" | "WorkingDir" | "Entrypoint"> {
  Cmd?: readonly string[];
  /** In seconds. */
  StopTimeout: number;
  ExposedPorts?: Readonly<Record<string, object>>;
  /** Engines before API 1.44 take one network at most. */
  NetworkingConfig?: { EndpointsConfig: Readonly<Record<string, EndpointConfig>> };
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

/** How a container joins a network. */
export interface EndpointConfig {
  Aliases?: readonly string[];
  IPAMConfig?: { IPv4Address: string };
}
