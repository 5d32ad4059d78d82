/** By port of the container: `80/tcp`. */
export type PortBindings = Readonly<Record<string, readonly PortBinding[]>>;

export interface PortBinding {
  /** Empty for all addresses. */
  readonly HostIp: string;
  /** Empty for any free port. */
  readonly HostPort: string;
}

export interface Device {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions?: string;
}

export interface DeviceRequest {
  readonly Driver?: string;
  readonly Capabilities?: readonly (readonly string[])[] | null;
}
