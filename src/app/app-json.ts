import { appJsonTooLarge, badAppJson } from "../errors.ts";
import { mapOf } from "./collections.ts";
import { type Healthcheck, healthcheck } from "./healthchecks.ts";
import { readJson } from "./json-file.ts";
import { anyText, each, oneOf, open, string, trueOrFalse, wholeNumber } from "./json-shapes.ts";
import { processType, sizeName, variableName } from "./manifest/manifest-shapes.ts";
import { either, mapped, type Shape } from "./schema.ts";

/** What `app.json` says that is of use here: the rest is for others. */
export interface AppJson {
  readonly scripts: Scripts;
  readonly env: ReadonlyMap<string, AppJsonVariable>;
  readonly formation: ReadonlyMap<string, AppJsonFormation>;
  /** By process type. */
  readonly healthchecks: ReadonlyMap<string, readonly Healthcheck[]>;
}

/** Command lines. */
export interface Scripts {
  readonly predeploy?: string;
  /** After every deploy. */
  readonly postdeploy?: string;
  /** After the first deploy of the app only. */
  readonly firstPostdeploy?: string;
}

/** A variable the app is to have. */
export interface AppJsonVariable {
  readonly description?: string;
  readonly value?: string;
  /** Without a value there is no deploy. */
  readonly required: boolean;
  readonly generator?: "secret";
  /** Set by every deploy, not only where there is none. */
  readonly sync: boolean;
}

export interface AppJsonFormation {
  readonly quantity?: number;
  readonly size?: string;
  readonly maxParallel?: number;
}

/** In bytes: some thousand lines. */
const maxSize = 256 * 1024;

const dokkuKeys = {
  predeploy: {
    shape: string(anyText),
    about: "Run in the image that was built, and what it changes is kept in it.",
    examples: ["touch /app/predeploy.test"],
  },
  postdeploy: { shape: string(anyText), about: "Run after every deploy.", examples: ["bin/notify"] },
} as const;

const scriptKeys = {
  dokku: { shape: open(dokkuKeys), about: "Phases of every deploy.", examples: ["{predeploy: bin/assets}"] },
  postdeploy: { shape: string(anyText), about: "Run after the first deploy only.", examples: ["bin/seed"] },
} as const;

/** A command of nothing but white space is none. */
const scripts: Shape<Scripts> = mapped(open(scriptKeys), ({ dokku: { predeploy, postdeploy } = {}, ...others }) => ({
  ...(predeploy?.trim() && { predeploy }),
  ...(postdeploy?.trim() && { postdeploy }),
  ...(others.postdeploy?.trim() && { firstPostdeploy: others.postdeploy }),
}));

const variableKeys = {
  description: { shape: string(anyText), about: "What it is for.", examples: ["The key of all cookies."] },
  value: { shape: string(anyText), about: "Its value, unless it has one.", examples: ["production"] },
  required: { shape: trueOrFalse, about: "Whether it must have one; true unless given.", examples: ["false"] },
  generator: { shape: oneOf(["secret"]), about: "Makes a value: 64 random digits.", examples: ["secret"] },
  sync: { shape: trueOrFalse, about: "Whether every deploy sets it anew.", examples: ["true"] },
} as const;

const variable: Shape<AppJsonVariable> = either(
  mapped(string(anyText), (value): AppJsonVariable => ({ value, required: true, sync: false })),
  mapped(open(variableKeys), (given): AppJsonVariable => ({ required: true, sync: false, ...given })),
);

const formationKeys = {
  quantity: { shape: wholeNumber(9999), about: "How many of it a deploy starts.", examples: ["2"] },
  size: { shape: string(sizeName), about: "Their size.", examples: ["L"] },
  max_parallel: { shape: wholeNumber(9999), about: "How many of it to start at a time.", examples: ["1"] },
} as const;

/** @returns a `max_parallel` of 0 as none, as for Dokku. */
const formation: Shape<AppJsonFormation> = mapped(
  open(formationKeys),
  ({ max_parallel: maxParallel, ...same }): AppJsonFormation => ({ ...same, ...(maxParallel && { maxParallel }) }),
);

/** Every key that is read, at all levels. */
export const appJsonKeys = {
  scripts: { shape: scripts, about: "Phases of a deploy.", examples: ["{postdeploy: bin/seed}"] },
  env: { shape: mapOf(variableName, variable), about: "Variables.", examples: ["{RAILS_ENV: production}"] },
  formation: { shape: mapOf(processType, formation), about: "How many of what.", examples: ["{web: {quantity: 2}}"] },
  healthchecks: {
    shape: mapOf(processType, each(healthcheck)),
    about: "How to tell whether a process is well.",
    examples: ["{web: [{path: /health}]}"],
  },
} as const;

/**
 * Reads an app.json, which may have comments and trailing commas. A file with nothing in it says nothing.
 * @param file its name, for errors.
 * @throws `bad-app-json` with every mistake, one a line, as `file:line:column: what is wrong`; those of syntax hide the
 * others. `not-text` for bytes that are not UTF-8.
 */
export function parseAppJson(bytes: Uint8Array, file = "app.json"): AppJson {
  if (bytes.length > maxSize) throw appJsonTooLarge(file, bytes.length, maxSize);
  const {
    scripts = {},
    env = new Map(),
    formation = new Map(),
    healthchecks = new Map(),
  } = readJson(bytes, file, open(appJsonKeys), badAppJson) ?? {};
  return { scripts, env, formation, healthchecks };
}
