import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { containers } from "../support/docker-api.ts";
import type { Env } from "../support/process.ts";
import type { Row } from "./measure.ts";

export const BINARY = fileURLToPath(new URL("../../dist/oneoff", import.meta.url));

/** The installed Node that the binary contains: start-up is compared with it. */
export const NODE = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));

/** What a benchmark needs. */
export interface Bench {
  readonly host: string;
  /** An empty home for both clients, without the settings of the user who runs this. */
  readonly env: Env;
  readonly cwd: string;
  /** A label of every container of both clients. */
  readonly label: string;
  /** Few samples, only to check that the benchmark works. */
  readonly quick: boolean;
  /** The number of pairs: `usual`, unless the command line sets it. */
  pairs(usual: number): number;
  /** The arguments of a whole command line. The image is the base image, and the container is removed at its end. */
  oneoff(command: readonly string[], ...options: string[]): string[];
  docker(command: readonly string[], ...options: string[]): string[];
  /** Waits until the engine has removed the container, so that the next run does not wait for that. */
  settle(): Promise<void>;
}

export type Case = (bench: Bench) => Promise<Row[]>;

const IMAGE = "busybox:local";

export const openBench = (
  facts: Pick<Bench, "host" | "cwd" | "quick"> & { docker: string; pairs: number | undefined },
): Bench => {
  const { host, cwd, quick, docker } = facts;
  const label = `test.oneoff.bench=${randomUUID()}`;
  return {
    host,
    cwd,
    quick,
    label,
    env: { DOCKER_HOST: host, DOCKER_CONFIG: cwd, DOCKER_CONTEXT: undefined },
    pairs: (usual) => facts.pairs ?? (quick ? Math.min(usual, 2) : usual),
    oneoff: (command, ...options) => [BINARY, "run", "--label", label, ...options, "--image", IMAGE, "x", ...command],
    docker: (command, ...options) => [docker, "run", "--rm", "--label", label, ...options, IMAGE, ...command],
    async settle() {
      const until = Date.now() + 60_000;
      while ((await containers(host, label)).length > 0) {
        if (Date.now() > until) throw new Error("The engine has not removed the containers within 60 s");
        await sleep(10);
      }
    },
  };
};
