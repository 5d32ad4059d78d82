import type { Env } from "../app/env.ts";
import type { Mount } from "../app/mounts.ts";

/** What the user asked of one one-off, parsed and checked. Values that were not given are absent. */
export interface RunOptions {
  readonly words: readonly string[];
  /** From `--env-file` and `--env`, which come after what the app has. */
  readonly env: Env;
  readonly labels: ReadonlyMap<string, string>;
  readonly detach: boolean;
  readonly init?: boolean;
  readonly tty?: boolean;
  readonly workdir?: string;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  /** The container's name, in place of `<app>.run.N`. */
  readonly name?: string;
  readonly network?: string;
  readonly binds: readonly string[];
  readonly mounts: readonly Mount[];
  /** In bytes. */
  readonly memory?: number;
  /** In billionths of a processor. */
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
  /** The name of one of the app's sizes, or of the usual ones. */
  readonly size?: string;
  /** In seconds. */
  readonly timeout?: number;
}
