import { composeProblem } from "../../errors/compose.ts";
import { command } from "./command-shape.ts";
import { distinctWords, labels, variables, words } from "./map-shapes.ts";
import { count, duration, flag, float, integer, oneOf, text, textSize, unsigned } from "./scalar-shapes.ts";
import { kinds, listOf, or, type Shape, struct } from "./shape.ts";

/** Written as -1 if it is `all`. */
const deviceCount = kinds(
  (value, path, wrong) => {
    if (value === undefined || value === null) return undefined;
    const number = typeof value === "string" && value.toLowerCase() === "all" ? -1 : Number(value);
    if (!Number.isSafeInteger(number)) wrong(path, composeProblem.expected("all or an integer"));
    return number === 0 ? undefined : number;
  },
  { text: true, number: integer().check },
);

const deviceFields = {
  capabilities: distinctWords,
  count: deviceCount,
  device_ids: distinctWords,
  driver: text,
  options: labels,
};

export const deviceRequests = (needCapabilities: boolean): Shape =>
  listOf(struct(deviceFields, { required: needCapabilities ? ["capabilities"] : [] }));

const update = struct({
  delay: duration({ isKept: false }),
  failure_action: text,
  max_failure_ratio: float,
  monitor: duration({ isKept: false }),
  order: oneOf("start-first", "stop-first"),
  parallelism: unsigned({ isKept: true }),
});

const limits = { cpus: float, memory: textSize };

const genericResources = listOf(
  struct({ discrete_resource_spec: struct({ kind: text, value: count({ isKept: true }) }) }),
);

/** Keys of `deploy`. Compose always writes two of its maps. */
export const deploy = or(
  struct({
    endpoint_mode: text,
    labels,
    mode: text,
    placement: struct(
      {
        constraints: words,
        max_replicas_per_node: unsigned(),
        preferences: listOf(struct({ spread: text })),
      },
      { isKept: true },
    ),
    replicas: integer({ isKept: true }),
    resources: struct(
      {
        limits: struct({ ...limits, pids: integer() }),
        reservations: struct({ ...limits, devices: deviceRequests(true), generic_resources: genericResources }),
      },
      { isKept: true },
    ),
    restart_policy: struct({
      condition: text,
      delay: duration(),
      max_attempts: unsigned({ isKept: true }),
      window: duration(),
    }),
    rollback_config: update,
    update_config: update,
  }),
  { nothing: true },
);

const hookFields = { command, environment: variables, privileged: flag, user: text, working_dir: text };

/** A command in a running container. */
export const hook = struct(hookFields, { required: ["command"] });

/** Compose also writes it if it is not set. */
export const keptHook = struct(hookFields, { required: ["command"], isKept: true });
