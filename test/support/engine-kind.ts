import type { Suite } from "./debian-root.ts";

/** What is told to an engine when it is started. */
export interface EngineFolder {
  /** Where it keeps all it has, and listens: `socket`. */
  readonly dir: string;
  /** Whether containers are to live on when it ends. */
  readonly liveRestore: boolean;
}

/** An engine that the tests can start. */
export interface EngineKind {
  readonly name: string;
  /** In whose root it runs; undefined for the engine of this machine, with the machine's own. */
  readonly suite?: Suite;
  command(folder: EngineFolder): string[];
  /** Whether it is run by somebody who is not root. */
  readonly rootless?: boolean;
  /** What tells its process in a shell, where that is below the one that was started: it made the engine's user namespace. */
  readonly daemon?: string;
  /**
   * Whether it can make nothing of what a killed one has left in namespaces that it is not in: that is ended before it
   * starts anew, as service managers do.
   */
  readonly startsAlone?: boolean;
  /** Files of its root, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
}

const dockerd = ({ dir, liveRestore }: EngineFolder): string[] => [
  "dockerd",
  ...["--host", `unix://${dir}/socket`, "--data-root", `${dir}/data`, "--exec-root", `${dir}/exec`],
  ...["--pidfile", `${dir}/dockerd.pid`],
  ...(liveRestore ? ["--live-restore"] : []),
];

const rootlessDockerd = (folder: EngineFolder): string[] => [
  "/usr/share/docker.io/contrib/dockerd-rootless.sh",
  ...dockerd(folder).slice(1),
];

/** Its containers outlive it in any case. */
const podman = ({ dir }: EngineFolder): string[] => [
  "podman",
  ...["--root", `${dir}/data`, "--runroot", `${dir}/exec`, "--tmpdir", `${dir}/tmp`],
  ...["system", "service", "--time", "0", `unix://${dir}/socket`],
];

/** There is no systemd to ask, and may be no right to raise the limits that a build would raise. */
const CONTAINERS_CONF = `[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
`;
const podmanFiles = {
  "/etc/containers/containers.conf": CONTAINERS_CONF,
  "/etc/containers/policy.json": '{"default": [{"type": "insecureAcceptAnything"}]}',
};

/** All that `npm run test:matrix` knows. */
export const ENGINES: readonly EngineKind[] = [
  { name: "docker-20.10", suite: "bookworm", command: dockerd },
  { name: "docker-26.1", suite: "trixie", command: dockerd },
  { name: "docker-28.5", suite: "forky", command: dockerd },
  {
    name: "docker-28.5-containerd",
    suite: "forky",
    command: dockerd,
    files: { "/etc/docker/daemon.json": '{"features": {"containerd-snapshotter": true}}' },
  },
  {
    ...{ name: "docker-28.5-rootless", suite: "forky", rootless: true, command: rootlessDockerd },
    ...{ daemon: 'cat "$0/dockerd.pid"', startsAlone: true },
  },
  { name: "podman-4.3", suite: "bookworm", command: podman, files: podmanFiles },
  { name: "podman-5.4", suite: "trixie", command: podman, files: podmanFiles },
  { name: "podman-5.8", suite: "forky", command: podman, files: podmanFiles },
  {
    ...{ name: "podman-5.8-rootless", suite: "forky", rootless: true, command: podman, files: podmanFiles },
    // Where somebody has its user namespace already, it goes there itself.
    daemon: 'pgrep --parent "$(cat "$0/pid")" --full "system service" || cat "$0/pid"',
  },
];

/** The engine that ONEOFF_TEST_ENGINE names, or this machine's. */
export const engineKind = (name = process.env.ONEOFF_TEST_ENGINE): EngineKind => {
  if (!name) return { name: "dockerd", command: dockerd };
  const kind = ENGINES.find((kind) => kind.name === name);
  if (!kind)
    throw new Error(`There is no engine "${name}": it is one of ${ENGINES.map(({ name }) => name).join(", ")}`);
  return kind;
};
