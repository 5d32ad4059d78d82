import type { OptionShape } from "../shapes.ts";

/** An option of another tool, and what it stands for. */
export interface OptionAlias extends Pick<OptionShape, "type" | "alias" | "optional"> {
  /** The option of oneoff; undefined if the effect is the default, or impossible. */
  readonly means?: string;
  /** Converts the value for the option of oneoff. */
  readonly value?: (given: string) => string;
  /** Its value becomes an argument, before or after the arguments that were typed. */
  readonly argument?: "first" | "last";
  /** The command of oneoff with this effect. */
  readonly command?: string;
  /** Without an equivalent: `--print=docker` prints a docker command to add it to. */
  readonly dockerOnly?: boolean;
  /** Why the line is not run, but printed for the user to type. */
  readonly why?: string;
}

export type OptionAliases = Readonly<Record<string, OptionAlias>>;

const ANYWAY = { type: "boolean" } as const;

/** Options of `docker run` without an equivalent. */
const dockerOnly = (names: string, type: OptionShape["type"]): OptionAliases =>
  Object.fromEntries(names.split(" ").map((name) => [name, { type, dockerOnly: true }]));

const TERMINAL: OptionAliases = {
  interactive: { ...ANYWAY, alias: "i" },
  "force-tty": { ...ANYWAY, means: "tty" },
  "no-TTY": { ...ANYWAY, means: "no-tty" },
};

const ELSEWHERE: OptionAliases = {
  region: { type: "string", why: "--region: oneoff has no regions; select an engine by --host or DOCKER_HOST" },
  remote: { type: "string", alias: "r", why: "--remote: name the app instead; oneoff apps lists all apps" },
};

const RUN: OptionAliases = {
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
  type: { type: "string", argument: "last", why: "--type: the process type is the first argument after the app" },
  "cron-id": { type: "string", means: "lock", why: "--cron-id: use --lock to run one command at a time" },
  "concurrency-policy": {
    type: "string",
    means: "on-conflict",
    value: (policy) => (policy === "replace" ? "replace" : "fail"),
    why: "--concurrency-policy: use --on-conflict with --lock",
  },
  "no-launcher": {
    ...ANYWAY,
    means: "entrypoint",
    value: () => "",
    why: "--no-launcher: use --entrypoint '' to remove the ENTRYPOINT",
  },
  "use-aliases": {
    ...ANYWAY,
    why: "--use-aliases: one-offs have no network aliases of the app, so they receive no traffic",
  },
  "remove-orphans": {
    ...ANYWAY,
    why: "--remove-orphans: oneoff removes leftovers automatically; oneoff reap removes them now",
  },
  reuse: { ...ANYWAY, command: "exec", why: "--reuse: use exec to run a command in a running container" },
  ...dockerOnly("publish-all oom-kill-disable no-healthcheck", "boolean"),
  ...dockerOnly(
    "blkio-weight cgroup-parent cgroupns cidfile cpu-shares cpuset-cpus expose ip isolation kernel-memory mac-address memory-swap network-alias oom-score-adj pid restart runtime stop-timeout storage-opt sysctl userns uts volumes-from",
    "string",
  ),
};

const WHICH: OptionAliases = {
  dyno: { type: "string", argument: "last" },
  "dyno-name": { type: "string", alias: "d", argument: "last" },
  container: { type: "string", argument: "last" },
};

const OF_COMMANDS: Readonly<Record<string, OptionAliases>> = {
  run: RUN,
  "run:detached": RUN,
  exec: {
    ...TERMINAL,
    ...ELSEWHERE,
    app: { type: "string", alias: "a", argument: "first" },
    command: { type: "string", alias: "C", argument: "last" },
    detach: {
      ...ANYWAY,
      alias: "d",
      command: "run:detached",
      why: "--detach: exec cannot run in the background; run:detached can",
    },
    index: { type: "string", why: "--index: name the process by app and type, e.g. my-app.worker" },
  },
  logs: {
    ...WHICH,
    filter: { type: "string", alias: "F", argument: "last" },
    lines: { type: "string", means: "num" },
    tail: { type: "string", alias: "t", optional: true, means: "follow" },
    source: { type: "string", alias: "s", why: "--source: name a process or a one-off instead, e.g. my-app.web" },
  },
  stop: {
    ...WHICH,
    force: {
      ...ANYWAY,
      alias: "f",
      means: "grace",
      value: () => "1s",
      why: "--force: stop sends SIGKILL after a grace period, which --grace shortens",
    },
    time: { type: "string", alias: "t", means: "grace", value: (seconds) => `${seconds}s` },
  },
  restart: { force: ANYWAY },
  ps: { a: { ...ANYWAY, alias: "a", means: "all" } },
  destroy: {
    force: { ...ANYWAY, alias: "f", means: "yes", why: "--force: use --yes to skip the confirmation" },
    confirm: { type: "string", means: "yes", why: "--confirm: use --yes to skip the confirmation" },
  },
};

/** For commands with `--format`. */
const JSON_FORMAT: OptionAliases = { json: { ...ANYWAY, means: "format", value: () => "json" } };

/** @returns the options of other tools that a command of oneoff accepts. */
export const optionAliases = (command: string, options: Readonly<Record<string, OptionShape>>): OptionAliases => ({
  ...OF_COMMANDS[command.replace(/^run:(logs|stop)$/, "$1")],
  ...("format" in options && !("json" in options) && JSON_FORMAT),
});
