import { plain, quoted } from "../text/quoted.ts";
import { type CommandFault, isRefusal } from "./engine.ts";
import { OneoffError, usage } from "./error.ts";

/** @param typed e.g. `run my-app`. */
export const noCommand = (typed: string) =>
  usage("no-command", "No command, and no terminal for a shell", `oneoff ${typed} ls -lah`);

/** @param typed e.g. `run my-app`. */
export const noCommandSpecified = (typed: string) =>
  usage("no-command", 'No command: --entrypoint "" also removes the CMD of the image', `oneoff ${typed} sh`);

export const needsTerminal = () =>
  usage(
    "needs-terminal",
    "--tty requires a terminal as stdin: a TTY cannot pass on the EOF of a pipe or file",
    "remove --tty, or redirect stdin from /dev/null",
  );

export const stdinIsDirectory = () => usage("stdin-directory", "stdin is a folder", "redirect a file, or </dev/null");

export const nameTaken = (name: string, cause: unknown) =>
  new OneoffError("name-taken", `Container ${quoted(name)} already exists`, {
    next: "use another --name, or remove --name",
    cause,
  });

/** @param port of the container. @param address on the host. @param holder the container that publishes it. */
export const portTaken = (port: string, address: string, holder: string | undefined, cause: unknown) =>
  new OneoffError(
    "port-taken",
    `Cannot publish ${port} on ${address}: ${holder === undefined ? "the address is already in use" : `${plain(holder)} publishes it`}`,
    { next: `use another port of the host, or any free port: --publish ${port}`, cause },
  );

export const noGpuDriver = (cause: unknown) =>
  new OneoffError("no-gpu-driver", "The engine has no driver for these GPUs", {
    next: "install the NVIDIA Container Toolkit on the engine's host, or remove --gpus",
    cause,
  });

const NOT_STARTED = {
  "no-workdir": { code: "no-workdir", exit: 126, next: "fix --workdir: the folder must exist" },
  "too-large": { code: "not-executable", exit: 126, next: "check the command and the size of its arguments" },
  "not-found": { code: "not-found", exit: 127, next: "check the command's name and the image's PATH" },
  "not-executable": { code: "not-executable", exit: 126, next: "check the file's mode and kind" },
} as const;

/** @param reason of the engine, not always with the command. @param command its first argument. */
export const commandNotStarted = (fault: CommandFault, reason: string, command: string) => {
  const { code, ...facts } = NOT_STARTED[fault];
  return new OneoffError(
    code,
    fault === "no-workdir" || reason.includes(command) ? reason : `${command}: ${reason}`,
    facts,
  );
};

/** The engine's message does not name the failed part of the request. */
export const execFailed = (reason: string) =>
  new OneoffError("exec-failed", reason, { exit: 126, next: "check --user and --workdir" });

/** @param reason of the kernel, printed by the container's init. @param size what is too large. */
export const notExecuted = (program: string, reason: string, size: string) => {
  const isTooLong = /argument list too long/i.test(reason);
  const message = `${program}: ${reason}${isTooLong ? ` (${size})` : ""}`;
  if (/no such file or directory/i.test(reason))
    return new OneoffError("not-found", message, { exit: 127, next: "check the command's name and the image's PATH" });
  const next = isTooLong ? "pass the data in a file (--file) or on stdin" : "check the file's mode and kind";
  return new OneoffError("not-executable", message, { exit: 126, next });
};

const isMissing = (error: unknown): error is OneoffError => error instanceof OneoffError && error.code === "not-found";

/** @param line that runs the process type. @returns other errors unchanged. */
export const withSuggestedType = (error: unknown, type: string, line: string): unknown =>
  isMissing(error)
    ? new OneoffError(error.code, `${error.message}; did you mean the process type ${plain(type)}?`, {
        next: line,
        ...(error.exit !== undefined && { exit: error.exit }),
        cause: error,
      })
    : error;

/** A warning. @param line that runs the process type. */
export const didYouMeanType = (command: string, line: string) =>
  `${quoted(command)} exited with 127 (command not found); did you mean: ${line}`;

export const isNotStarted = (error: unknown): error is OneoffError =>
  error instanceof OneoffError && (error.code === "not-found" || error.code === "not-executable");

/** @param link `CONTAINER[:ALIAS]` */
export const noLinks = (link: string) =>
  new OneoffError("no-links", `--link ${plain(link)} cannot be used: Podman has no links`, {
    next: "connect to a network of that container and use its name: --network NAME",
  });

export const noGpus = () =>
  new OneoffError("no-gpus", "--gpus cannot be used: Podman has no GPU requests", {
    next: "add the devices of the GPUs by their CDI names: --device nvidia.com/gpu=all",
  });

/** A warning. @param links of the app's container, e.g. `db:alias`. */
export const linksNotCopied = (links: readonly string[]) =>
  `Links of the app's container are not copied, because Podman has no links: ${links.map(plain).join(", ")} (use a network of those containers and their names: --network NAME)`;

const installInit = (podman: boolean) => (podman ? "catatonit" : "tini or docker-init");

export const initMissing = (podman: boolean, cause: unknown) =>
  new OneoffError("no-init", "The engine has no init process", {
    next: `install ${installInit(podman)} on the engine's host, or remove --init (init: true in oneoff.yaml)`,
    cause,
  });

/** A warning. */
export const runsWithoutInit = (podman: boolean) =>
  `The engine has no init process: the command runs as PID 1, and zombies are not reaped (install ${installInit(podman)} on the engine's host, or use --no-init)`;

export const timedOut = (name: string, seconds: number) =>
  new OneoffError("timed-out", `${name} was stopped: timeout of ${seconds} s exceeded`, {
    exit: 124,
    next: `oneoff ${name.startsWith("cron.") ? "cron:run" : "run"} --timeout ${2 * seconds}s …`,
  });

export const endedBySignal = (signal: string, exit: number) =>
  new OneoffError("signalled", `Terminated by ${signal} before the command was started; nothing is left behind`, {
    exit,
    next: undefined,
  });

export const endedBeforeAttach = (signal: string, exit: number, name: string) =>
  new OneoffError("signalled", `Terminated by ${signal} before ${name} was attached`, { exit, next: undefined });

export const abandoned = (signal: string, exit: number) =>
  new OneoffError(
    "abandoned",
    `Terminated by ${signal}; the engine does not respond, and the one-off may still be running`,
    {
      exit,
      next: "when the engine responds: oneoff ps",
    },
  );

export const engineLost = (container: string, state: "running" | "ended" | "unknown", cause: unknown) =>
  new OneoffError(
    "engine-lost",
    `The connection to the engine was lost, the exit code is unknown; ${
      {
        running: `${container} is still running`,
        ended: `${container} has exited`,
        unknown: `${container} may still be running`,
      }[state]
    }`,
    { next: state === "ended" ? undefined : `oneoff attach ${container}`, cause },
  );

export const isEngineLost = (error: unknown) => error instanceof OneoffError && error.code === "engine-lost";

/** The container has exited since it was found. */
export const notRunning = (
  { name, containerName }: { readonly name: string; readonly containerName: string },
  error: unknown,
) => {
  if (!isRefusal(error, 409)) return error;
  if (/paused/.test(error.reason)) return paused(containerName, error);
  return new OneoffError("not-running", `${name} is not running: ${error.reason}`, {
    next: "oneoff ps --all",
    cause: error,
  });
};

export const paused = (container: string, cause?: unknown) =>
  new OneoffError("paused", `${container} is paused`, { next: `docker unpause ${container}`, cause });

/** The Engine API cannot list or signal the processes of an exec. */
export const execLost = (container: string, cause: unknown) =>
  new OneoffError(
    "exec-lost",
    `The connection to the engine was lost; the command may still be running in ${container}`,
    {
      next: `oneoff exec ${container} ps`,
      cause,
    },
  );

export const execNeverStarted = (container: string) =>
  new OneoffError("exec-lost", `The connection to the engine was lost before the command started in ${container}`, {
    next: "try again",
  });

export const isTimedOut = (error: unknown) => error instanceof OneoffError && error.code === "timed-out";

export const transferEnded = (signal: string, exit: number) =>
  new OneoffError("signalled", `Terminated by ${signal} before the copy was complete`, {
    exit,
    next: undefined,
  });
