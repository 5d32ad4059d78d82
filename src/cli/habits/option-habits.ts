import type { OptionShape } from "../argv.ts";

/** What somebody means by an option of another tool. */
export interface OptionHabit extends Pick<OptionShape, "type" | "alias" | "optional"> {
  /** Our option that it means; none where what it asks for is done anyway, or cannot be had. */
  readonly means?: string;
  /** The value that ours takes for it. */
  readonly value?: (given: string) => string;
  /** Its value is a word here: before the words that were typed, or after them. */
  readonly word?: "first" | "last";
  /** The command that does what it asks for. */
  readonly command?: string;
  /** Why it is not simply done, but answered with what to type. */
  readonly why?: string;
}

export type OptionHabits = Readonly<Record<string, OptionHabit>>;

const ANYWAY = { type: "boolean" } as const;

const DOCKER = "that is for docker alone: add it to the command that this prints";

/** Of `docker run`, without a place here: oneoff says how docker would be told the rest. */
const dockerOnly = (names: string, type: OptionShape["type"]): OptionHabits =>
  Object.fromEntries(
    names
      .split(" ")
      .map((name) => [name, { type, means: "print", value: () => "docker", why: `--${name}: ${DOCKER}` }]),
  );

const TERMINAL: OptionHabits = {
  interactive: { ...ANYWAY, alias: "i" },
  "force-tty": { ...ANYWAY, means: "tty" },
  "no-TTY": { ...ANYWAY, means: "no-tty" },
};

const ELSEWHERE: OptionHabits = {
  region: { type: "string", why: "--region: there are none; the engine is the one of --host, or of DOCKER_HOST" },
  remote: { type: "string", alias: "r", why: "--remote: an app goes by its name, as oneoff apps lists it" },
};

const RUN: OptionHabits = {
  ...TERMINAL,
  ...ELSEWHERE,
  rm: ANYWAY,
  "rm-container": ANYWAY,
  "exit-code": { ...ANYWAY, alias: "x" },
  "no-deps": ANYWAY,
  "no-notify": ANYWAY,
  "quiet-pull": ANYWAY,
  "quiet-build": ANYWAY,
  detached: { ...ANYWAY, means: "detach" },
  silent: { ...ANYWAY, means: "quiet" },
  "ttl-seconds": { type: "string", means: "timeout", value: (seconds) => `${seconds}s` },
  "env-from-file": { type: "string", means: "env-file" },
  net: { type: "string", means: "network" },
  s: { type: "string", alias: "s", means: "size" },
  f: { type: "string", alias: "f", means: "file" },
  type: { type: "string", word: "last", why: "--type: a process type is the first word of the command" },
  "cron-id": { type: "string", means: "lock", why: "--cron-id: one at a time is what --lock is for" },
  "concurrency-policy": {
    type: "string",
    means: "on-conflict",
    value: (policy) => (policy === "replace" ? "replace" : "fail"),
    why: "--concurrency-policy: what is to happen when another has the lock says --on-conflict",
  },
  "no-launcher": {
    ...ANYWAY,
    means: "entrypoint",
    value: () => "",
    why: "--no-launcher: an ENTRYPOINT is kept, or replaced",
  },
  "use-aliases": {
    ...ANYWAY,
    why: "--use-aliases: a one-off has no names of its app's, so that no traffic comes to it",
  },
  "service-ports": {
    ...ANYWAY,
    alias: "P",
    means: "print",
    value: () => "docker",
    why: `--service-ports: ports are never published; add -p PORT:PORT to the docker command that this prints`,
  },
  publish: {
    type: "string",
    alias: "p",
    means: "print",
    value: () => "docker",
    why: `--publish: ports are never published; add it to the docker command that this prints`,
  },
  build: { ...ANYWAY, why: "--build: run builds nothing, oneoff deploy does" },
  "remove-orphans": { ...ANYWAY, why: "--remove-orphans: what is left is removed in passing, and by oneoff reap" },
  reuse: { ...ANYWAY, command: "exec", why: "--reuse: in what is up already, it is exec" },
  ...dockerOnly("privileged read-only publish-all oom-kill-disable no-healthcheck", "boolean"),
  ...dockerOnly(
    "add-host blkio-weight cap-add cap-drop cgroup-parent cgroupns cidfile cpu-shares cpuset-cpus device dns expose gpus group-add hostname ip ipc isolation kernel-memory log-driver log-opt mac-address memory-swap network-alias oom-score-adj pid platform restart runtime security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs ulimit userns uts volumes-from",
    "string",
  ),
};

const WHICH: OptionHabits = {
  dyno: { type: "string", word: "last" },
  "dyno-name": { type: "string", alias: "d", word: "last" },
  container: { type: "string", word: "last" },
};

const OF_COMMANDS: Readonly<Record<string, OptionHabits>> = {
  run: RUN,
  "run:detached": RUN,
  exec: {
    ...TERMINAL,
    ...ELSEWHERE,
    app: { type: "string", alias: "a", word: "first" },
    command: { type: "string", alias: "C", word: "last" },
    detach: { ...ANYWAY, alias: "d", command: "run:detached", why: "--detach: exec waits for its command" },
    index: { type: "string", why: "--index: a process goes by its app and type, as my-app.worker" },
  },
  logs: {
    ...WHICH,
    filter: { type: "string", alias: "F", word: "last" },
    lines: { type: "string", means: "num" },
    tail: { type: "string", alias: "t", optional: true, means: "follow" },
    source: { type: "string", alias: "s", why: "--source: logs are of one-offs alone" },
  },
  stop: { ...WHICH, time: { type: "string", alias: "t", means: "grace", value: (seconds) => `${seconds}s` } },
  ps: { a: { ...ANYWAY, alias: "a", means: "all" } },
  destroy: {
    force: { ...ANYWAY, alias: "f", means: "yes", why: "--force: without a question it is --yes" },
    confirm: { type: "string", means: "yes", why: "--confirm: without a question it is --yes" },
  },
};

/** For whatever lists something. */
const JSON_FORMAT: OptionHabits = { json: { ...ANYWAY, means: "format", value: () => "json" } };

/** Those of a command of ours. */
export const habitsOf = (command: string, options: Readonly<Record<string, OptionShape>>): OptionHabits => ({
  ...OF_COMMANDS[command.replace(/^run:(logs|stop)$/, "$1")],
  ...("format" in options && !("json" in options) && JSON_FORMAT),
});
