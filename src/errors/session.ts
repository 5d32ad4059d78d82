import { plain, quoted } from "../text/quoted.ts";
import { type CommandFault, isRefusal } from "./engine.ts";
import { OneoffError, usage } from "./error.ts";

/** @param typed what may stand before a command: `run my-app`. */
export const noCommand = (typed: string) =>
  usage("no-command", "No command given, and no terminal to open a shell on", `oneoff ${typed} ls -lah`);

/** @param typed what may stand before a command: `run my-app`. */
export const noCommandSpecified = (typed: string) =>
  usage("no-command", 'No command specified: --entrypoint "" leaves none', `oneoff ${typed} sh`);

export const needsTerminal = () =>
  usage(
    "needs-terminal",
    "--tty: stdin is not a terminal, and a terminal cannot carry its end-of-file",
    "leave --tty out, or take stdin from /dev/null",
  );

export const stdinIsDirectory = () => usage("stdin-directory", "stdin is a directory", "give a file, or </dev/null");

// the life of a one-off

export const nameTaken = (name: string, cause: unknown) =>
  new OneoffError("name-taken", `There is a container named ${quoted(name)} already`, {
    next: "choose another --name, or leave it out",
    cause,
  });

const NOT_STARTED = {
  "no-workdir": { code: "no-workdir", exit: 126, next: "check --workdir: the folder must exist" },
  "too-large": { code: "not-executable", exit: 126, next: "check the command and the size of its arguments" },
  "not-found": { code: "not-found", exit: 127, next: "check the command's name and the image's PATH" },
  "not-executable": { code: "not-executable", exit: 126, next: "check the file's mode and kind" },
} as const;

/** @param reason the engine's. @param command its first word, which not every engine names. */
export const commandNotStarted = (fault: CommandFault, reason: string, command: string) => {
  const { code, ...facts } = NOT_STARTED[fault];
  return new OneoffError(
    code,
    fault === "no-workdir" || reason.includes(command) ? reason : `${command}: ${reason}`,
    facts,
  );
};

/** The engine's words do not tell which part of the request failed. */
export const execFailed = (reason: string) =>
  new OneoffError("exec-failed", reason, { exit: 126, next: "check --user and --workdir" });

/** @param reason the kernel's, as the container's init tells it. @param size what is too large, where it says so. */
export const notExecuted = (program: string, reason: string, size: string) => {
  const isTooLong = /argument list too long/i.test(reason);
  const message = `${program}: ${reason}${isTooLong ? ` (${size})` : ""}`;
  if (/no such file or directory/i.test(reason))
    return new OneoffError("not-found", message, { exit: 127, next: "check the command's name and the image's PATH" });
  const next = isTooLong ? "give it a file (--file), or its stdin" : "check the file's mode and kind";
  return new OneoffError("not-executable", message, { exit: 126, next });
};

const isMissing = (error: unknown): error is OneoffError => error instanceof OneoffError && error.code === "not-found";

/** @param line that runs the process type. @returns any other error as it is. */
export const withTypeMeant = (error: unknown, type: string, line: string): unknown =>
  isMissing(error)
    ? new OneoffError(error.code, `${error.message}; did you mean the process type ${plain(type)}?`, {
        next: line,
        ...(error.exit !== undefined && { exit: error.exit }),
        cause: error,
      })
    : error;

/** A warning. @param line that runs the process type. */
export const typeMeant = (command: string, line: string) =>
  `${quoted(command)} exited with 127 (command not found); did you mean: ${line}`;

/** Whether a command is not there, or nothing that can be run. */
export const isNotStarted = (error: unknown): error is OneoffError =>
  error instanceof OneoffError && (error.code === "not-found" || error.code === "not-executable");

/** @param link `CONTAINER[:ALIAS]` */
export const noLinks = (link: string) =>
  new OneoffError("no-links", `--link ${plain(link)}: Podman has no links`, {
    next: "name the container by its own name in a network that both have joined: --network NAME",
  });

/** A warning. @param links those of the app's container: `db:alias`. */
export const linksNotCopied = (links: readonly string[]) =>
  `Links of the app's container are not copied, for Podman has none: ${links.map(plain).join(", ")}; name the containers by their own names in a network that both have joined (--network NAME)`;

const installInit = (podman: boolean) => (podman ? "catatonit" : "tini or docker-init");

/** @param podman whether the engine is Podman. */
export const initMissing = (podman: boolean, cause: unknown) =>
  new OneoffError("no-init", "The engine has no init to run as PID 1", {
    next: `install ${installInit(podman)} where the engine is, or leave out --init (init: true in oneoff.yaml)`,
    cause,
  });

/** A warning. */
export const runsWithoutInit = (podman: boolean) =>
  `The engine has no init: the command is PID 1, which reaps no zombies (install ${installInit(podman)} where the engine is, or use --no-init)`;

export const timedOut = (name: string, seconds: number) =>
  new OneoffError("timed-out", `${name} was stopped: it took longer than ${seconds} s`, {
    exit: 124,
    next: `oneoff run --timeout ${2 * seconds}s … gives it twice that`,
  });

export const endedBySignal = (signal: string, exit: number) =>
  new OneoffError("signalled", `Ended by ${signal} before the command was started; nothing is left behind`, {
    exit,
    // It was wanted so.
    next: undefined,
  });

/** What it was to be attached to is as it was. */
export const endedBeforeAttach = (signal: string, exit: number, name: string) =>
  new OneoffError("signalled", `Ended by ${signal} before ${name} was attached`, { exit, next: undefined });

export const abandoned = (signal: string, exit: number) =>
  new OneoffError("abandoned", `Ended by ${signal}; the engine does not answer, and may still have the one-off`, {
    exit,
    next: "once it answers: oneoff ps",
  });

export const engineLost = (container: string, state: "running" | "ended" | "unknown", cause: unknown) =>
  new OneoffError(
    "engine-lost",
    `The connection to the engine was lost, and the exit code with it; ${
      {
        running: `${container} lives on`,
        ended: `${container} has ended`,
        unknown: `${container} lives on if the engine keeps containers over a restart`,
      }[state]
    }`,
    { next: state === "ended" ? undefined : `oneoff attach ${container}`, cause },
  );

export const isEngineLost = (error: unknown) => error instanceof OneoffError && error.code === "engine-lost";

/** A container that has ended since it was found. */
export const notRunning = (
  { name, containerName }: { readonly name: string; readonly containerName: string },
  error: unknown,
) => {
  if (!isRefusal(error, 409)) return error;
  if (/paused/.test(error.reason)) return paused(containerName, error);
  return new OneoffError("not-running", `${name} does not run: ${error.reason}`, {
    next: "oneoff ps --all",
    cause: error,
  });
};

export const paused = (container: string, cause?: unknown) =>
  new OneoffError("paused", `${container} is paused`, { next: `docker unpause ${container}`, cause });

/** The engine has no way to list or to signal what was run in a container. */
export const execLost = (container: string, cause: unknown) =>
  new OneoffError("exec-lost", `The connection to the engine was lost: the command may still run in ${container}`, {
    next: `oneoff exec ${container} ps`,
    cause,
  });

export const execNeverStarted = (container: string) =>
  new OneoffError("exec-lost", `The connection to the engine was lost before the command started in ${container}`, {
    next: "try again",
  });

export const isTimedOut = (error: unknown) => error instanceof OneoffError && error.code === "timed-out";

export const transferEnded = (signal: string, exit: number) =>
  new OneoffError("signalled", `Ended by ${signal} before all was copied`, {
    exit,
    // It was wanted so.
    next: undefined,
  });
