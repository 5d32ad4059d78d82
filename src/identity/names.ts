import { createHash, randomBytes } from "node:crypto";
import { containerPart } from "../app/app-name.ts";

/** `run.N` of a one-off: four digits, and more when they are taken. */
export function* candidateNames(random: () => number, series = "run"): Generator<string> {
  for (let digits = 4; ; digits += 1) {
    const lowest = 10 ** (digits - 1);
    for (let tries = 0; tries < 20; tries += 1) yield `${series}.${lowest + Math.floor(random() * 9 * lowest)}`;
  }
}

/** The series of the one-offs of a scheduled task. @param id of the task. */
export const cronSeries = (id: string) => `cron.${id}`;

/** Parses the name of a one-off: `run.7364` or its number, or `cron.k3v9x2qa.7364`. @returns undefined for anything else. */
export const oneoffName = (word: string): string | undefined => {
  const [, series = "run.", number] = /^(run\.|cron\.[a-z0-9]+\.)?(\d{4,11})$/.exec(word) ?? [];
  return number && `${series}${number}`;
};

/** Whether a container has a name that oneoff gave to a one-off, e.g. `my-app.run.7364`. */
export const isOneoffContainerName = (containerName: string) =>
  /\.(?:run|cron\.[a-z0-9]+)\.\d{4,}(?:\.left)?$/.test(containerName);

const DETACHED_SUFFIX = ".left";

/** Suffixes of a process that is not live yet, and of one that was replaced. */
export const NEW_SUFFIX = ".new";
export const OLD_SUFFIX = ".old";

/** The container name of a one-off after its client detached. */
export const detachedName = (containerName: string) => `${containerName}${DETACHED_SUFFIX}`;

export const isDetachedName = (containerName: string) => containerName.endsWith(DETACHED_SUFFIX);

/** The containers with this name, before those that had it until their client detached. */
export function matchContainerName<T extends { readonly containerName: string }>(
  word: string,
  containers: readonly T[],
): readonly T[] {
  const exact = containers.filter(({ containerName }) => containerName === word);
  return exact.length > 0 ? exact : containers.filter(({ containerName }) => containerName === detachedName(word));
}

/** The name of a container with the last time at which its creator was alive. @param time in seconds since 1970. */
export const heartbeatName = (containerName: string, time: number) => `${containerName}.at-${Math.floor(time)}`;

/** In seconds since 1970; 0 if the name has no time. */
export const heartbeatTime = (containerName: string) => Number(/\.at-(\d+)$/.exec(containerName)?.[1] ?? 0);

/** Whether a container has its original name, ignoring suffixes of oneoff. */
export const isCreatedName = (created: string, name: string) =>
  created !== "" && name.startsWith(created) && /^(?:\.(?:left|new|old|at-\d+))?$/.test(name.slice(created.length));

/** A unique container name. */
export const uniqueName = (app: string, purpose: string) =>
  `${containerPart(app)}.${purpose}.${randomBytes(6).toString("hex")}`;

/** Maximum length of the name of a Swarm service. */
const MAX_SERVICE_NAME = 63;

/**
 * The name of a Swarm service for what would be a container elsewhere: `my-app-run-7364` for `my-app.run.7364`. Service
 * names have no dots. A longer name is cut and gets a digest of the whole name.
 */
export function serviceName(containerName: string): string {
  const name = containerName.replace(/[^A-Za-z0-9_-]/g, "-");
  if (name.length <= MAX_SERVICE_NAME) return name;
  const digest = createHash("sha256").update(containerName).digest("hex").slice(0, 8);
  const [, end = ""] = /(-[a-z0-9]+-\d+)$/.exec(name) ?? [];
  return `${name.slice(0, MAX_SERVICE_NAME - end.length - digest.length - 1)}-${digest}${end}`;
}

/** Maximum length of the name of a Swarm config or secret. */
const MAX_CONFIG_NAME = 64;

/**
 * The name of a Swarm config: `oneoff.my-app.v7`. The engine ignores the case of names. A name that is changed or cut
 * gets a digest of the original.
 * @param end is kept: `v7`.
 */
export function configName(start: string, end: string): string {
  const safe = start.toLowerCase().replace(/[^a-z0-9_.-]/g, "-");
  const name = `${safe}.${end}`;
  if (safe === start && name.length <= MAX_CONFIG_NAME) return name;
  const digest = createHash("sha256").update(start).digest("hex").slice(0, 8);
  return `${safe.slice(0, MAX_CONFIG_NAME - end.length - digest.length - 2)}.${digest}.${end}`;
}
