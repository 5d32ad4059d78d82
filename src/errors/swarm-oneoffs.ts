import { plain, quoted } from "../text/quoted.ts";
import { type EngineRefused, isRefusal } from "./engine.ts";
import { OneoffError, usage } from "./error.ts";

/** Whether an engine is a worker or in no Swarm. A manager without a leader answers 503, too. */
export const isNotManager = (error: unknown): error is EngineRefused =>
  isRefusal(error, 503) && /not a swarm manager/i.test(error.reason);

/** Whether a proxy denies a request that engines accept. */
export const isDenied = (error: unknown) =>
  isRefusal(error, 403, 404, 405) ||
  (error instanceof OneoffError && ["proxy-refused", "not-an-engine"].includes(error.code));

/** A warning. @param managers addresses; empty if none is known. */
export const onlyOwnTasks = (managers: readonly string[]) => [
  "This engine is a worker: only its own tasks are listed",
  `  for all tasks, use the engine of a manager${managers.length === 0 ? "" : `: ${managers.map(plain).join(", ")}`}`,
];

/** @param name `shop_web.2` @param node its host name. @param reason `down`, `late`, or what the manager has reported. */
export const taskLogMissing = (name: string, node: string, reason: string) => {
  const causes: Readonly<Record<string, string>> = {
    down: `node ${plain(node)} is down`,
    late: `node ${plain(node)} does not respond`,
  };
  return `The log of ${plain(name)} is incomplete: ${causes[reason] ?? `node ${plain(node)}: ${plain(reason)}`}`;
};

/** As `taskLogMissing`. */
export const rawTaskLogMissing = (...facts: Parameters<typeof taskLogMissing>) =>
  new OneoffError("task-log-missing", taskLogMissing(...facts), { next: "docker node ls" });

/** @param word an app, its task or a one-off. */
const psOf = (word: string, option = "") =>
  `oneoff ps${option}${/^(run|cron)\.|^\d+$/.test(word) ? "" : ` ${plain(word.replace(/\.[^.]+$/, ""))}`}`;

/** @param tasks `ID on NODE`. */
export const noSuchTask = (word: string, tasks: readonly string[]) =>
  new OneoffError(
    "unknown-task",
    [`No such task of ${quoted(word)}`, ...(tasks.length > 0 ? [`tasks: ${tasks.map(plain).join(", ")}`] : [])],
    { next: psOf(word) },
  );

/** @param states of its tasks, with reasons. */
export const noRunningTask = (word: string, states: readonly string[]) =>
  new OneoffError("nothing-runs", [`No task of ${quoted(word)} is running`, ...states.map((state) => `  ${state}`)], {
    next: psOf(word, " --all"),
  });

/** @param address of the node; undefined if unknown. @param container its name on the engine of the node. */
export const taskElsewhere = (
  name: string,
  node: string,
  address: string | undefined,
  container: string,
  command: "exec" | "attach" | "wait" | "stop" | "cp" | "logs",
) => {
  const host = `ssh://${plain(address ?? node)}`;
  const line = {
    exec: `oneoff exec --host ${host} ${container} …`,
    attach: `oneoff attach --host ${host} ${container}`,
    wait: `oneoff wait --host ${host} ${container}`,
    logs: `oneoff logs --host ${host} ${container}`,
    stop: `docker --host ${host} stop ${container}`,
    cp: `docker --host ${host} cp ${container}:PATH .`,
  }[command];
  return new OneoffError("task-elsewhere", `${plain(name)} is on node ${quoted(node)}, whose engine is not known`, {
    next: `${line}, or: docker node update --label-add dev.oneoff.host=${host} ${plain(node)}`,
  });
};

/** @param option e.g. `--task`. */
export const noServiceToNarrow = (option: string, word: string) =>
  usage(
    "not-a-service",
    `${option}: no service ${quoted(word)} found; only the engine of a manager knows the services of a Swarm`,
    `oneoff ps ${plain(word)}`,
  );

/** A warning. */
export const graceNotUsed = (name: string, node: string) =>
  `--grace is not used for ${plain(name)}, because the engine of node ${quoted(node)} is not known; the stop timeout of its service applies`;
