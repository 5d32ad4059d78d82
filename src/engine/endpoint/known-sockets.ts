import type { EndpointSource } from "./endpoint.ts";

/** Known sockets in search order. */
export function knownSockets(env: Readonly<Record<string, string | undefined>>): [EndpointSource, path: string][] {
  const { XDG_RUNTIME_DIR: runtime, HOME: home, XDG_CONFIG_HOME: config = home && `${home}/.config` } = env;
  const below = (source: EndpointSource, folder: string | undefined, path: string): [EndpointSource, string][] =>
    folder ? [[source, `${folder}/${path}`]] : [];
  return [
    ["default", "/var/run/docker.sock"],
    ...below("rootless", runtime, "docker.sock"),
    // On macOS and on Linux.
    ...below("Docker Desktop", home, ".docker/run/docker.sock"),
    ...below("Docker Desktop", home, ".docker/desktop/docker.sock"),
    ...below("Colima", env.COLIMA_HOME || (home && `${home}/.colima`), "default/docker.sock"),
    ...below("Colima", config, "colima/default/docker.sock"),
    ...below("OrbStack", home, ".orbstack/run/docker.sock"),
    ...below("Podman", runtime, "podman/podman.sock"),
    ["Podman", "/run/podman/podman.sock"],
    ...below("Podman", home, ".local/share/containers/podman/machine/podman.sock"),
  ];
}
