import { inject, type TestOptions } from "vitest";

/** What an engine is, for tests that cannot apply to every one. */
export interface EngineFacts {
  readonly name: "docker" | "podman";
  readonly version: string;
  /** As in `1.44`. */
  readonly api: string;
  /** Whether its images are in containerd's store. */
  readonly containerd: boolean;
  readonly rootless: boolean;
  /** Whether it can limit what containers take. */
  readonly limits: boolean;
  /** Whether the tests have started it, and may end it. */
  readonly ours: boolean;
}

declare module "vitest" {
  interface ProvidedContext {
    engine: EngineFacts;
  }
  interface TaskMeta {
    /** Why a test is skipped. */
    lacks?: string;
  }
}

const isPodman = ({ name }: EngineFacts) => name === "podman";
const isPodman4 = ({ name, version }: EngineFacts) => name === "podman" && version.startsWith("4.");

/** What some engines lack, and why a test that needs it says nothing about them. */
const LACKING = {
  "its own": [({ ours }) => !ours, "the tests did not start this engine and must not stop it"],
  "bind sources": [isPodman, "Podman creates a missing source of a bind mount"],
  limits: [({ limits }) => !limits, "a rootless engine enforces no limits without cgroup v2"],
  "kept limits": [
    (engine) => isPodman(engine) && !engine.limits,
    "a rootless Podman does not record limits without cgroup v2",
  ],
  "live restore": [
    ({ name, rootless }) => name === "docker" && rootless,
    "a rootless Docker restarts in new namespaces, without its running containers",
  ],
  "ports at the gateway": [
    ({ name, rootless }) => name === "docker" && rootless,
    "a rootless Docker publishes ports outside its networks, where containers cannot reach them",
  ],
  pause: [({ limits }) => !limits, "a rootless engine cannot pause containers without cgroup v2"],
  "top by ps": [
    ({ name, limits }) => name === "docker" && !limits,
    "a rootless Docker cannot list the processes of a container without cgroup v2",
  ],
  "a socket for all of root": [
    ({ rootless }) => rootless,
    "only its user and a fully privileged root can open the socket of a rootless engine",
  ],
  "out of memory": [isPodman, "Podman does not report that a command ran out of memory"],
  "a single sample of stats": [isPodman, "the first sample of Podman covers no time"],
  "legacy links": [isPodman, "Podman refuses links on the default network and ignores them on others"],
  "volume labels": [isPodman, "Podman ignores volume labels in a create request"],
  "past events": [isPodman, "Podman does not return events of a past time range"],
  ps: [isPodman, "Podman lists the processes of a container in its own format"],
  "rotated logs": [isPodman, "Podman keeps one log file and truncates it when it is full"],
  "unended last lines": [
    isPodman4,
    "Podman 4 joins an unterminated last line to the line before it when it returns the tail of a log",
  ],
  "lines in parts": [isPodman, "Podman inserts timestamps into log lines longer than 8 KB"],
  "builds that are broken off": [isPodman, "Podman continues a build step after its client disconnects"],
  "commits as told": [
    isPodman,
    "Podman's commit merges the container's settings into the Config, so releases do not use it",
  ],
  "empty commits": [isPodman, "Podman's commit adds a layer even when nothing changed"],
  "images that go with their tags": [
    ({ containerd }) => containerd,
    "Docker with the containerd image store keeps an image after its tag moves, until docker image prune",
  ],
  "steady names": [
    isPodman4,
    "Podman 4 briefly fails to resolve names while other containers join or leave the network",
  ],
  "images of any reference": [isPodman4, "Podman 4 lists only images that match all given references"],
  "docker's client": [isPodman4, "the docker client rejects engines that do not report their OS, such as Podman 4"],
  "docker's copies": [isPodman, "Podman creates folders for copied files and accepts a slash after a file name"],
  "links to bytes": [isPodman, "Podman does not return a symlink target that is not UTF-8"],
  "lowest addresses": [isPodman, "Podman assigns addresses in sequence and gives a container its former address"],
  "shares that go": [isPodman, "Podman does not remove a container whose namespaces another container shares"],
  "unseen tmpfs": [isPodman, "Podman archives the contents of a tmpfs"],
  swarm: [
    ({ name, ours, rootless }) => name === "podman" || !ours || rootless,
    "Podman has no Swarm, a rootless Docker has no routing mesh, and an engine that the tests did not start is left unchanged",
  ],
  "silent streams": [isPodman, "Podman writes to the command's stderr when stdin was not read to EOF"],
} as const satisfies Readonly<Record<string, readonly [lacks: (engine: EngineFacts) => boolean, why: string]>>;

export type Capability = keyof typeof LACKING;

/** Options of a test, or a suite, that needs these of the engine: without them it is skipped, and the reason is kept. */
export function needs(...capabilities: readonly Capability[]): TestOptions {
  const engine = inject("engine");
  const lacking = capabilities.map((one) => LACKING[one]).find(([lacks]) => lacks(engine));
  return lacking ? { skip: true, meta: { lacks: lacking[1] } } : {};
}
