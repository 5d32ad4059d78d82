import { appJsonTooLarge, badAppJson } from "../errors/app.ts";
import { tasksOf } from "./cron/cron-keys.ts";
import type { CronTask } from "./cron/cron-task.ts";
import { type Healthcheck, healthcheck } from "./healthchecks.ts";
import { readJson } from "./json-file.ts";
import { anyText, each, oneOf, open, string, trueOrFalse, wholeNumber } from "./json-shapes.ts";
import { processType, sizeName, variableName } from "./manifest/manifest-shapes.ts";
import { mapOf } from "./schema/collections.ts";
import { either, mapped, type Shape } from "./schema/schema.ts";

/** The keys of `app.json` that oneoff uses. */
export interface AppJson {
  readonly scripts: Scripts;
  readonly env: ReadonlyMap<string, AppJsonVariable>;
  readonly formation: ReadonlyMap<string, AppJsonFormation>;
  /** By process type. */
  readonly healthchecks: ReadonlyMap<string, readonly Healthcheck[]>;
  readonly cron: readonly CronTask[];
}

/** Command lines. */
export interface Scripts {
  readonly predeploy?: string;
  /** Runs after every deploy. */
  readonly postdeploy?: string;
  /** Runs after the first deploy of the app only. */
  readonly firstPostdeploy?: string;
}

/** An environment variable that app.json declares. */
export interface AppJsonVariable {
  readonly description?: string;
  readonly value?: string;
  /** A deploy fails if the variable has no value. */
  readonly required: boolean;
  readonly generator?: "secret";
  /** Set by every deploy, not only when the variable has no value. */
  readonly sync: boolean;
}

export interface AppJsonFormation {
  readonly quantity?: number;
  readonly size?: string;
  readonly maxParallel?: number;
}

/** In bytes. */
const maxSize = 256 * 1024;

const dokkuKeys = {
  predeploy: {
    shape: string(anyText),
    about: "Command that runs before the release phase. Its file changes are committed to the image.",
    examples: ["bin/assets"],
  },
  postdeploy: {
    shape: string(anyText),
    about: "Command that runs after every deploy, when the release is live.",
    examples: ["bin/notify"],
  },
} as const;

const scriptKeys = {
  dokku: { shape: open(dokkuKeys), about: "Phases that run in every deploy.", examples: ["{predeploy: bin/assets}"] },
  postdeploy: {
    shape: string(anyText),
    about: "Command that runs after the first deploy only, until it succeeds once.",
    examples: ["bin/seed"],
  },
} as const;

/** A blank command is ignored. */
const scripts: Shape<Scripts> = mapped(open(scriptKeys), ({ dokku: { predeploy, postdeploy } = {}, ...others }) => ({
  ...(predeploy?.trim() && { predeploy }),
  ...(postdeploy?.trim() && { postdeploy }),
  ...(others.postdeploy?.trim() && { firstPostdeploy: others.postdeploy }),
}));

export const variableKeys = {
  description: { shape: string(anyText), about: "Description for people.", examples: ["Key that signs cookies"] },
  value: { shape: string(anyText), about: "Value, set if the variable has none.", examples: ["production"] },
  required: {
    shape: trueOrFalse,
    about: "Fail the deploy if the variable has no value.",
    default: "true",
    examples: ["false"],
  },
  generator: {
    shape: oneOf(["secret"]),
    about: "secret generates a value of 64 random hexadecimal digits.",
    examples: ["secret"],
  },
  sync: {
    shape: trueOrFalse,
    about: "Set the value again in every deploy.",
    default: "false",
    examples: ["true"],
  },
} as const;

const variable: Shape<AppJsonVariable> = either(
  mapped(string(anyText), (value): AppJsonVariable => ({ value, required: true, sync: false })),
  mapped(open(variableKeys), (variable): AppJsonVariable => ({ required: true, sync: false, ...variable })),
);

export const formationKeys = {
  quantity: {
    shape: wholeNumber(9999),
    about: "Number of processes.",
    default: "1 for web, 0 for other types",
    examples: ["2"],
  },
  size: {
    shape: string(sizeName),
    about: "Size of each process: S, M, L, XL or a size of oneoff.yaml.",
    default: "no limits",
    examples: ["L"],
  },
  max_parallel: {
    shape: wholeNumber(9999),
    about: "Number of processes that a deploy starts in parallel.",
    default: "all",
    examples: ["1"],
  },
} as const;

/** A `max_parallel` of 0 means no limit, as in dokku. */
const formation: Shape<AppJsonFormation> = mapped(
  open(formationKeys),
  ({ max_parallel: maxParallel, ...same }): AppJsonFormation => ({ ...same, ...(maxParallel && { maxParallel }) }),
);

/** Every top-level key that oneoff reads. */
export const appJsonKeys = {
  scripts: { shape: scripts, about: "Commands of the deploy phases.", examples: ["{postdeploy: bin/seed}"] },
  env: { shape: mapOf(variableName, variable), about: "Environment variables.", examples: ["{RAILS_ENV: production}"] },
  formation: { shape: mapOf(processType, formation), about: "Processes by type.", examples: ["{web: {quantity: 2}}"] },
  healthchecks: {
    shape: mapOf(processType, each(healthcheck)),
    about: "Health checks by process type.",
    examples: ["{web: [{path: /health}]}"],
  },
  cron: {
    shape: tasksOf(open),
    about: "Tasks on a schedule (oneoff help cron).",
    examples: ['[{command: bin/report, schedule: "@daily"}]'],
  },
} as const;

/**
 * Parses app.json, which may contain comments and trailing commas and may be empty.
 * @param file the file's name, for errors.
 * @throws `bad-app-json` with one line per mistake, as `file:line:column: problem`; a syntax error hides others.
 * `not-text` for bytes that are not UTF-8.
 */
export function parseAppJson(bytes: Uint8Array, file = "app.json"): AppJson {
  if (bytes.length > maxSize) throw appJsonTooLarge(file, bytes.length, maxSize);
  const {
    scripts = {},
    env = new Map(),
    formation = new Map(),
    healthchecks = new Map(),
    cron = [],
  } = readJson(bytes, file, open(appJsonKeys), badAppJson) ?? {};
  return { scripts, env, formation, healthchecks, cron };
}
