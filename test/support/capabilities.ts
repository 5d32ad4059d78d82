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
  "its own": [({ ours }) => !ours, "it is not the tests' own, and may not be ended"],
  "bind sources": [isPodman, "Podman makes what a bind is to mount where it is missing"],
  limits: [({ limits }) => !limits, "a rootless engine limits nothing without control groups of version 2"],
  "kept limits": [
    (engine) => isPodman(engine) && !engine.limits,
    "a rootless Podman forgets the limits that it is told without control groups of version 2",
  ],
  "live restore": [
    ({ name, rootless }) => name === "docker" && rootless,
    "a rootless Docker starts anew in other namespaces, without the containers that it had",
  ],
  "ports at the gateway": [
    ({ name, rootless }) => name === "docker" && rootless,
    "a rootless Docker publishes ports outside of its networks, where containers do not find them",
  ],
  pause: [({ limits }) => !limits, "a rootless engine pauses nothing without control groups of version 2"],
  "top by ps": [
    ({ name, limits }) => name === "docker" && !limits,
    "a rootless Docker lists no processes of a container without control groups of version 2",
  ],
  "a socket for all of root": [
    ({ rootless }) => rootless,
    "a rootless engine's socket is its user's, and a root's that may do all",
  ],
  "out of memory": [isPodman, "Podman does not tell that a command took too much memory"],
  "legacy links": [isPodman, "Podman refuses the links of the default network, and ignores those of others"],
  "volume labels": [isPodman, "Podman ignores the labels of volumes that a container is created with"],
  "past events": [isPodman, "Podman does not tell of a time that is over what has happened in it"],
  ps: [isPodman, "Podman lists the processes of a container in a way of its own"],
  "rotated logs": [isPodman, "Podman keeps one file of a log, and begins it again when it is full"],
  "unended last lines": [
    isPodman4,
    "Podman 4 puts what has no line end after the line before it where it is asked for the last lines of a log",
  ],
  "lines in parts": [isPodman, "Podman puts times into the middle of a line of its log that has more than 8 KB"],
  "builds that are broken off": [isPodman, "Podman goes on with a step of a build that nobody waits for any more"],
  "commits as told": [
    isPodman,
    "Podman's commit adds to a Config what the container has, and is not used for releases",
  ],
  "empty commits": [isPodman, "Podman's commit makes a layer also where nothing has changed"],
  "images that go with their tags": [
    ({ containerd }) => containerd,
    "Docker with containerd's image store keeps an image whose tag was given to another, until docker image prune",
  ],
  "steady names": [isPodman4, "Podman 4 does not find a name for a moment while others join or leave its network"],
  "docker's client": [isPodman4, "docker's client takes no engine that does not say on what system it is, as Podman 4"],
  "docker's copies": [isPodman, "Podman makes folders for what is copied, and takes a slash after the name of a file"],
  "links to bytes": [isPodman, "Podman tells nothing of where a symlink leads whose target is not UTF-8"],
  "lowest addresses": [isPodman, "Podman gives addresses one after the other, and a container that which it had"],
  "shares that go": [isPodman, "Podman removes no container whose network, or the like, another has as well"],
  "unseen tmpfs": [isPodman, "Podman reads what is on a tmpfs"],
  swarm: [
    ({ name, ours, rootless }) => name === "podman" || !ours || rootless,
    "Podman has no Swarm, a rootless Docker no routing mesh, and an engine that is not the tests' own is left as it is",
  ],
  "silent streams": [isPodman, "Podman says in the command's stderr that stdin was not read to its end"],
} as const satisfies Readonly<Record<string, readonly [lacks: (engine: EngineFacts) => boolean, why: string]>>;

export type Capability = keyof typeof LACKING;

/** Options of a test, or a suite, that needs these of the engine: without them it is skipped, and the reason is kept. */
export function needs(...capabilities: readonly Capability[]): TestOptions {
  const engine = inject("engine");
  const lacking = capabilities.map((one) => LACKING[one]).find(([lacks]) => lacks(engine));
  return lacking ? { skip: true, meta: { lacks: lacking[1] } } : {};
}
