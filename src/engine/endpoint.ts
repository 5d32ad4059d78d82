import { noEndpoint, unsupportedEndpoint } from "../errors.ts";

/** Where the engine listens, and what decided it. */
export interface Endpoint {
  readonly socketPath: string;
  readonly from: "--host" | "DOCKER_HOST" | "default" | "rootless";
}

const SYSTEM = "/var/run/docker.sock";

/**
 * `--host`, else `DOCKER_HOST`, else the system's socket, else the rootless one.
 * A place that was named is taken as it is; only the defaults are looked for.
 */
export function resolveEndpoint(
  host: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean,
): Endpoint {
  if (host) return { socketPath: socketOf(host, "--host"), from: "--host" };
  if (env.DOCKER_HOST) return { socketPath: socketOf(env.DOCKER_HOST, "DOCKER_HOST"), from: "DOCKER_HOST" };
  if (exists(SYSTEM)) return { socketPath: SYSTEM, from: "default" };
  const rootless = env.XDG_RUNTIME_DIR && `${env.XDG_RUNTIME_DIR}/docker.sock`;
  if (rootless && exists(rootless)) return { socketPath: rootless, from: "rootless" };
  throw noEndpoint([SYSTEM, ...(rootless ? [rootless] : [])]);
}

function socketOf(host: string, from: string): string {
  const path = host.startsWith("unix://") ? host.slice("unix://".length) : host;
  if (!path.startsWith("/")) throw unsupportedEndpoint(host, from);
  return path;
}
