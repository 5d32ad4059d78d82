import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

/** @param cause why the log cannot be read to its end. */
export const taskOutputCut = (cause: unknown) =>
  new OneoffError(
    "output-lost",
    `The output is incomplete: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      next: "oneoff ps --all",
      cause,
    },
  );

export const taskLogSilent = () =>
  new OneoffError("task-log-silent", "The node does not send the log of the task", { next: "docker node ls" });

/** @param option that sets what a service cannot have. @param instead the change that gets further. */
export const noTaskOption = (option: string, instead: string) =>
  usage("no-task-option", `${plain(option)} cannot be used for a service task`, instead);

/** @param suggested the name with the dots replaced. */
export const badTaskName = (name: string, suggested: string) =>
  usage(
    "bad-task-name",
    `Invalid --name ${quoted(name)} for a service task: expected at most 63 letters, digits, - and _`,
    `--name ${suggested}`,
  );

/** @param instead the change that gets further. */
export const noTaskStdin = (what: "a TTY" | "stdin", instead: string) =>
  usage("no-stdio-on-swarm", `A service task cannot have ${what}`, instead);

/** A warning. */
export const unusedStdin = () => "stdin has data, which a service task does not receive";

/** @param reason of the scheduler: `no suitable node (…)`; undefined if it gave none. */
export const notScheduled = (name: string, reason: string | undefined, seconds: number) =>
  new OneoffError(
    "not-scheduled",
    `Swarm found no node for ${name} within ${seconds} s${reason === undefined ? "" : `: ${reason}`}`,
    { next: "docker node ls, or wait longer: oneoff run --start-timeout 10m …" },
  );

/** A warning. */
export const waitsForNode = (name: string, reason: string) => `${name} waits for a node: ${reason}`;

/** A warning. */
export const managerAway = (name: string) =>
  `The manager of the Swarm does not answer; ${name} continues, and oneoff tries again`;

/** @param server the registry of the image; undefined for docker.io. @param without why credentials were not used. */
export const noImageOnNode = (
  image: string,
  node: string,
  { hasCredentials, server, without }: { hasCredentials: boolean; server: string | undefined; without?: OneoffError },
) => {
  const login = `docker login${server === undefined ? "" : ` ${plain(server)}`}`;
  const load = `on the node: docker pull ${plain(image)}, or docker load`;
  return new OneoffError(
    "missing-image",
    [
      `Image ${quoted(image)} not found on node ${quoted(node)}, and the node cannot pull it`,
      ...(without ? [`tried without credentials: ${without.message}`] : []),
    ],
    { next: without ? without.next : hasCredentials ? load : `${login}, or ${load}` },
  );
};

/** @param reason of the engine of the node. */
export const taskRejected = (name: string, node: string, reason: string) =>
  new OneoffError("task-rejected", `Node ${quoted(node)} did not start ${name}: ${reason}`, {
    next: `docker node inspect --pretty ${plain(node)}`,
  });

export const taskLost = (name: string, node: string) =>
  new OneoffError(
    "node-lost",
    `Node ${quoted(node)} does not respond, so the result of ${name} is unknown; the command may still run there`,
    { next: `docker node ls, and when the node responds: oneoff wait ${name}` },
  );

/** @param reason of the engine of the node. */
export const taskExitUnknown = (name: string, node: string, reason: string) =>
  new OneoffError("exit-unknown", `Node ${quoted(node)} did not report the exit code of ${name}: ${reason}`, {
    next: `check on the node what the command has done before you repeat it`,
  });

/** @param why e.g. `node "node2" is drained`. */
export const taskStopped = (name: string, why: string, exit: number) =>
  new OneoffError("task-stopped", `${name} was stopped: ${why}`, { exit, next: "oneoff ps --all" });

export const nodeDrained = (node: string) => `node ${quoted(node)} is drained`;

export const serviceChanged = () => "another client stopped or changed its service";

export const taskRemoved = (name: string) =>
  new OneoffError("task-removed", `Another client removed the service of ${name}; its exit code is unknown`, {
    next: "oneoff ps --all",
  });

/** A warning. */
export const signalNotSent = (signal: string, name: string, node: string) =>
  `${signal} was not sent to ${name}: only an engine can send signals, and it runs on node ${quoted(node)}`;

/** A warning. */
export const maybeOutOfMemory = (name: string) =>
  `${name} was killed (137); Swarm does not report whether it exceeded its memory limit`;

export const taskNameTaken = (name: string) =>
  new OneoffError("name-taken", `Service ${quoted(name)} already exists`, {
    next: "use another --name, or remove --name",
  });
