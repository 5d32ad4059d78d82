import { mapOf, record } from "../collections.ts";
import { quantity, rule, text, written } from "../scalars.ts";
import { either, mapped, type Shape } from "../schema.ts";
import type { Size } from "../sizes.ts";
import { bytesOf, countOf, nanoCpusOf, secondsOf, WANTED } from "../units.ts";
import { sizeName, variableName, word } from "./manifest-shapes.ts";

/** What one-offs get unless told otherwise. */
export interface RunDefaults {
  /** In bytes. */
  readonly memory?: number;
  /** In billionths of a processor. */
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
  /** In seconds. */
  readonly timeout?: number;
  readonly log?: Log;
}

/** A log driver of the engine, and its options. */
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
  about: "The most memory, as in 512m.",
  examples: ["512m"],
} as const;
const cpus = {
  shape: quantity(nanoCpusOf, WANTED.cpus),
  about: "The most processors, as in 1.5.",
  examples: ["1.5"],
} as const;

const driver = { shape: text(word), about: "The engine's log driver.", examples: ["json-file"] } as const;
const logKeys = {
  driver,
  options: {
    shape: mapOf(variableName, written(rule(/^[^\0]*$/, "a value without NUL characters"))),
    about: "Options of the driver.",
    examples: ["{max-size: 10m}"],
  },
} as const;

const log: Shape<Log> = either(
  mapped(driver.shape, (driver): Log => ({ driver, options: new Map() })),
  mapped(record(logKeys, ["driver"]), ({ driver, options = new Map() }) =>
    driver === undefined ? undefined : { driver, options },
  ),
);

const runKeys = {
  memory,
  cpus,
  "pids-limit": { shape: quantity(countOf, WANTED.count), about: "The most processes at a time.", examples: ["200"] },
  timeout: {
    shape: quantity(secondsOf, WANTED.duration),
    about: "The longest run: 90s, 10m, 1h30m.",
    examples: ["1h"],
  },
  log: {
    shape: log,
    about: "The engine's log driver, with options; unless given none when attached, a bounded file when detached.",
    examples: ["json-file", "{driver: json-file, options: {max-size: 10m}}"],
  },
} as const;

export const runDefaults: Shape<RunDefaults> = mapped(
  record(runKeys),
  ({ cpus: nanoCpus, "pids-limit": pidsLimit, ...same }) => ({
    ...same,
    ...(nanoCpus !== undefined && { nanoCpus }),
    ...(pidsLimit !== undefined && { pidsLimit }),
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
  quantity: { shape: amount, about: "How many; 1 unless given.", examples: ["2"] },
  size: { shape: text(sizeName), about: "Their size.", examples: ["L"] },
} as const;

export const formation: Shape<Formation> = either(
  mapped(amount, (quantity): Formation => ({ quantity })),
  mapped(record(formationKeys), (given): Formation => ({ quantity: 1, ...given })),
);
