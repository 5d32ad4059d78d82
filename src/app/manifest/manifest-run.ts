import type { ContainerSettings } from "../container/container-settings.ts";
import { mapOf, record } from "../schema/collections.ts";
import { quantity, rule, text, written } from "../schema/scalars.ts";
import { either, mapped, type Shape } from "../schema/schema.ts";
import type { Size } from "../sizes.ts";
import { bytesOf, countOf, nanoCpusOf, secondsOf, WANTED } from "../units.ts";
import { containerKeys, toContainer } from "./manifest-container.ts";
import { sizeName, variableName, word } from "./manifest-shapes.ts";

/** Defaults of the options of `oneoff run`. */
export interface RunDefaults {
  /** In bytes. */
  readonly memory?: number;
  /** In billionths of a CPU. */
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
  /** In seconds. */
  readonly timeout?: number;
  readonly log?: Log;
  readonly container?: ContainerSettings;
}

/** A log driver of the engine and its options. */
export interface Log {
  readonly driver: string;
  readonly options: ReadonlyMap<string, string>;
}

export interface Formation {
  readonly quantity: number;
  readonly size?: string;
}

const memory = {
  shape: quantity(bytesOf, WANTED.bytes),
  about: "Memory limit.",
  examples: ["512m"],
} as const;
const cpus = {
  shape: quantity(nanoCpusOf, WANTED.cpus),
  about: "CPU limit.",
  examples: ["1.5"],
} as const;

const driver = { shape: text(word), about: "Log driver of the engine. Required.", examples: ["json-file"] } as const;
const logKeys = {
  driver,
  options: {
    shape: mapOf(variableName, written(rule(/^[^\0]*$/, "a value without NUL characters"))),
    about: "Options of the log driver.",
    examples: ["{max-size: 10m}"],
  },
} as const;

const log: Shape<Log> = either(
  mapped(driver.shape, (driver): Log => ({ driver, options: new Map() })),
  mapped(record(logKeys, ["driver"]), ({ driver, options = new Map() }) =>
    driver === undefined ? undefined : { driver, options },
  ),
);

const COPIED = "as the copied container";

const runKeys = {
  memory: { ...memory, default: COPIED },
  cpus: { ...cpus, default: COPIED },
  "pids-limit": {
    shape: quantity(countOf, WANTED.count),
    about: "Limit of processes and threads.",
    default: COPIED,
    examples: ["200"],
  },
  timeout: {
    shape: quantity(secondsOf, WANTED.duration),
    about: "Time limit. oneoff stops a one-off that exceeds it, with exit code 124.",
    default: "none; 24h for detached one-offs",
    examples: ["1h"],
  },
  log: {
    shape: log,
    about: "Log driver, or a map of driver (required) and options.",
    default: "none; a size-limited file for detached one-offs",
    examples: ["json-file"],
  },
} as const;

export const runDefaults: Shape<RunDefaults> = mapped(
  record({ ...runKeys, ...containerKeys }),
  ({ memory, cpus: nanoCpus, "pids-limit": pidsLimit, timeout, log, ...container }) => ({
    ...(memory !== undefined && { memory }),
    ...(nanoCpus !== undefined && { nanoCpus }),
    ...(pidsLimit !== undefined && { pidsLimit }),
    ...(timeout !== undefined && { timeout }),
    ...(log !== undefined && { log }),
    ...toContainer(container),
  }),
);

export const size: Shape<Size> = either(
  mapped(memory.shape, (memory): Size => ({ memory })),
  mapped(record({ memory, cpus }, ["memory"]), ({ memory, cpus: nanoCpus }) =>
    memory === undefined ? undefined : { memory, ...(nanoCpus !== undefined && { nanoCpus }) },
  ),
);

const amount = quantity((text) => (/^\d{1,4}$/.test(text) ? Number(text) : undefined), "a whole number up to 9999");

const formationKeys = {
  quantity: { shape: amount, about: "Number of processes.", default: "1", examples: ["2"] },
  size: { shape: text(sizeName), about: "Size of each process.", default: "no limits", examples: ["L"] },
} as const;

export const formation: Shape<Formation> = either(
  mapped(amount, (quantity): Formation => ({ quantity })),
  mapped(record(formationKeys), (settings): Formation => ({ quantity: 1, ...settings })),
);
