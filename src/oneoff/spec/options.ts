import type { Env } from "../../app/env.ts";
import type { Mount } from "../../app/mounts.ts";
import type { Fetch } from "../../app/transfer.ts";
import type { UploadPlan } from "../files/upload-plan.ts";

/** What the user asked of one one-off, parsed and checked. Values that were not given are absent. */
export interface RunOptions {
  readonly args: readonly string[];
  /** From `--env-file` and `--env`, which come after what the app has. */
  readonly env: Env;
  /** Variables that neither the app nor the image is to give it. */
  readonly unset?: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly detach: boolean;
  readonly init?: boolean;
  readonly tty?: boolean;
  readonly workdir?: string;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  /** The container's name, in place of `<app>.run.N`. */
  readonly name?: string;
  /** The first is joined at create. */
  readonly networks?: readonly string[];
  /** `CONTAINER[:ALIAS]` */
  readonly links?: readonly string[];
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
  /** How long a detached one is kept after its end, in seconds; 0 not at all. */
  readonly retain?: number;
  readonly onDisconnect?: OnDisconnect;
  /** All that is to be put into it before it is started. */
  readonly uploads?: UploadPlan;
  /** What is to be brought here after its end. */
  readonly fetches?: readonly Fetch[];
  /** Whether that may take the place of files that are here. */
  readonly force?: boolean;
  /** The phase of a deploy that it is, and the words its container is given, in place of those that `words` would make. */
  readonly phase?: { readonly name: string; readonly argv: readonly string[] };
  readonly lock?: { readonly key: string; readonly onConflict: OnConflict };
}

/** What to do when somebody else has the lock: see `LockRequest`. */
export type OnConflict = "fail" | "wait" | "skip" | "replace";

/** What becomes of a one-off when its terminal has gone: stopped, left to itself, or told so by SIGHUP and left. */
export type OnDisconnect = "stop" | "keep" | "hup";
