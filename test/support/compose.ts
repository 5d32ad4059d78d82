import type { TestOptions } from "vitest";
import { debianProgram } from "./debian-program.ts";
import { type ProcessOptions, type ProcessResult, run } from "./process.ts";

/** Where the package has put it: it is a plugin of docker's client, and a program of its own. */
const PROGRAMS = ["usr/libexec/docker/cli-plugins/docker-compose", "usr/bin/docker-compose"];

/** Docker Compose itself, the judge of what oneoff does as well. */
export interface Compose {
  /** Options of tests that need it: where it cannot be had they are skipped, and the reason is kept. */
  readonly needed: TestOptions;
  /** Undefined if Compose is not available. */
  readonly program: string | undefined;
  /** `docker compose` with these words. */
  run(words: readonly string[], options?: ProcessOptions): Promise<ProcessResult>;
}

export const realCompose = async (): Promise<Compose> => {
  try {
    const file = await debianProgram("docker-compose", ...PROGRAMS);
    return {
      needed: {},
      program: file,
      run: (words, options) => run([file, ...words], { timeout: 60_000, ...options }),
    };
  } catch (error) {
    const lacks = `Docker Compose is not available: ${(error as Error).message}`;
    return { needed: { skip: true, meta: { lacks } }, program: undefined, run: () => Promise.reject(new Error(lacks)) };
  }
};
