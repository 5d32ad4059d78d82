import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { containers } from "../support/docker-api.ts";
import type { Env } from "../support/process.ts";
import type { Row } from "./measure.ts";

export const BINARY = fileURLToPath(new URL("../../dist/oneoff", import.meta.url));

/** The Node that the binary is made of, as it was installed: what start-up is compared with. */
export const NODE = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));

/** What a case has to measure with. */
export interface Bench {
  readonly host: string;
  /** For both clients: neither finds anything of the person's who runs this. */
  readonly env: Env;
  readonly cwd: string;
  /** Carried by every container of either client. */
  readonly label: string;
  /** Less of everything, to see whether it works at all. */
  readonly quick: boolean;
  /** How many pairs: `usual`, unless the command line says so. */
  pairs(usual: number): number;
  /** The words of a whole command line. The image is the base image, and the container is removed at its end. */
  oneoff(command: readonly string[], ...options: string[]): string[];
  docker(command: readonly string[], ...options: string[]): string[];
  /** Waits until the engine has removed what was run: that is work that the next run should not pay for. */
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
