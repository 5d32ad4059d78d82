import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { baseImage } from "../support/base-image.ts";
import { containers } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import type { Env } from "../support/process.ts";
import { notMeasured, type Row } from "./measure.ts";
import { time } from "./process.ts";
import { until } from "./until.ts";

export const BINARY = fileURLToPath(new URL("../../dist/oneoff", import.meta.url));

/** The installed Node that the binary contains: start-up is compared with it. */
export const NODE = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));

/** What a benchmark needs. */
export interface Bench {
  readonly host: string;
  /** E.g. `docker-20.10`. */
  readonly engine: string;
  /** The docker client. */
  readonly client: string;
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
  /** Times whole processes in the environment of the benchmark. */
  timer(...argv: readonly string[]): () => Promise<number>;
  /** Waits until the engine has removed the container, so that the next run does not wait for that. */
  settle(): Promise<void>;
  /** The same on another engine. */
  on(host: string, engine: string): Bench;
}

export type Case = (bench: Bench) => Promise<Row[]>;

export const IMAGE = "busybox:local";

export const openBench = (
  facts: Pick<Bench, "host" | "engine" | "client" | "cwd" | "quick"> & { pairs: number | undefined },
): Bench => {
  const { host, engine, client, cwd, quick } = facts;
  const label = `test.oneoff.bench=${randomUUID()}`;
  const env = {
    ...{ DOCKER_HOST: host, DOCKER_CONFIG: cwd, DOCKER_CONTEXT: undefined },
    ...{ XDG_CONFIG_HOME: cwd, XDG_STATE_HOME: cwd, XDG_CACHE_HOME: cwd },
  };
  return {
    ...{ host, engine, client, cwd, quick, label, env },
    pairs: (usual) => facts.pairs ?? (quick ? Math.min(usual, 2) : usual),
    oneoff: (command, ...options) => [BINARY, "run", "--label", label, ...options, "--image", IMAGE, "x", ...command],
    docker: (command, ...options) => [client, "run", "--rm", "--label", label, ...options, IMAGE, ...command],
    timer:
      (...argv) =>
      () =>
        time(argv, { env, cwd }),
    settle: () =>
      until("the engine has removed the containers", async () => (await containers(host, label)).length === 0),
    on: (host, engine) => openBench({ ...facts, host, engine }),
  };
};

/** Measures on an engine of the tests. @param cases are not measured if it cannot be started. */
export const onEngine = async (bench: Bench, kind: string, cases: readonly string[], measure: Case): Promise<Row[]> => {
  const started = await startEngine({ kind }).catch((error: Error) => error);
  if (started instanceof Error) return notMeasured(cases, started);
  await using engine = started;
  await baseImage(engine.host);
  return await measure(bench.on(engine.host, kind));
};
