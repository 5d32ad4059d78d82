import { randomBytes } from "node:crypto";
import { containerPart } from "../app/app-name.ts";

/** `run.N` of one one-off: four digits, so that names stay short to type, and more once those are taken. */
export function* candidateNames(random: () => number, series = "run"): Generator<string> {
  for (let digits = 4; ; digits += 1) {
    const lowest = 10 ** (digits - 1);
    for (let tries = 0; tries < 20; tries += 1) yield `${series}.${lowest + Math.floor(random() * 9 * lowest)}`;
  }
}

/** The name of the one-off that a word means: `run.7364`, or the number alone. @returns undefined for any other word. */
export const oneoffName = (word: string): string | undefined => {
  const [, number] = /^(?:run\.)?(\d{4,11})$/.exec(word) ?? [];
  return number && `run.${number}`;
};

const DISOWNED = ".left";

/** Appended to the name of a process until it is live, and from the moment on at which another one is. */
export const COMING = ".new";
export const LEAVING = ".old";

/** The container's name of a one-off that was left on purpose. */
export const disownedName = (containerName: string) => `${containerName}${DISOWNED}`;

export const isDisowned = (containerName: string) => containerName.endsWith(DISOWNED);

/** The containers that have this name, or had it before they were left: those that have it now come first. */
export function named<T extends { readonly containerName: string }>(
  word: string,
  containers: readonly T[],
): readonly T[] {
  const exact = containers.filter(({ containerName }) => containerName === word);
  return exact.length > 0 ? exact : containers.filter(({ containerName }) => containerName === disownedName(word));
}

/** The name of a container whose maker was there at a time. @param time in seconds since 1970. */
export const seenName = (containerName: string, time: number) => `${containerName}.at-${Math.floor(time)}`;

/** In seconds since 1970; 0 where the name does not say. */
export const seenAt = (containerName: string) => Number(/\.at-(\d+)$/.exec(containerName)?.[1] ?? 0);

/** Whether a container has the name that it was created with, but for what oneoff itself appends. */
export const hasKeptName = (created: string, name: string) =>
  created !== "" && name.startsWith(created) && /^(?:\.(?:left|new|old|at-\d+))?$/.test(name.slice(created.length));

/** A container's name that no other has. */
export const uniqueName = (app: string, purpose: string) =>
  `${containerPart(app)}.${purpose}.${randomBytes(6).toString("hex")}`;
