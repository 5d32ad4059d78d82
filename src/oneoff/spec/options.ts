import type { ContainerSettings } from "../../app/container/container-settings.ts";
import type { Env } from "../../app/env.ts";
import type { Mount } from "../../app/mounts.ts";
import type { Fetch } from "../../app/transfer.ts";
import type { UploadPlan } from "../files/upload-plan.ts";

/** The checked options of a one-off. Options that are not set are absent. */
export interface RunOptions {
  readonly args: readonly string[];
  /** From `--env-file` and `--env`; they override the app's. */
  readonly env: Env;
  /** Variables to remove, whether from the app or the image. */
  readonly unset?: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly detach: boolean;
  readonly init?: boolean;
  readonly tty?: boolean;
  readonly workdir?: string;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  /** Of a scheduled task: `cron.ID` replaces `run` in the name, and is DYNO. */
  readonly series?: string;
  /** Replaces the container's name `<app>.run.N`. */
  readonly name?: string;
  /** The first one is joined on create. */
  readonly networks?: readonly string[];
  /** `CONTAINER[:ALIAS]` */
  readonly links?: readonly string[];
  readonly binds: readonly string[];
  readonly mounts: readonly Mount[];
  /** `TARGET[:OPTIONS]` */
  readonly tmpfs?: readonly string[];
  /** Publishes the ports of the app. */
  readonly servicePorts?: boolean;
  /** Settings with docker's names, besides tmpfs. */
  readonly container?: ContainerSettings;
  /** Bytes. */
  readonly memory?: number;
  /** Billionths of a CPU. */
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
  /** One of the app's or the default sizes. */
  readonly size?: string;
  /** Seconds. */
  readonly timeout?: number;
  /** Seconds to keep a detached one-off after its exit; 0 removes it. */
  readonly retain?: number;
  readonly onDisconnect?: OnDisconnect;
  /** Copied before the start. */
  readonly uploads?: UploadPlan;
  /** Copied after the exit. */
  readonly fetches?: readonly Fetch[];
  /** Whether fetched files may replace existing ones. */
  readonly force?: boolean;
  /** For a phase of a deploy: its name, and the command instead of `args`. */
  readonly phase?: { readonly name: string; readonly argv: readonly string[] };
  /** @param refusal see `LockRequest`. */
  readonly lock?: {
    readonly key: string;
    readonly onConflict: OnConflict;
    readonly refusal?: (since: number) => Error;
  };
}

/** What to do if the lock is held: see `LockRequest`. */
export type OnConflict = "fail" | "wait" | "skip" | "replace";

/** What to do when the terminal closes: stop the one-off, leave it running, or send SIGHUP and leave it running. */
export type OnDisconnect = "stop" | "keep" | "hup";
