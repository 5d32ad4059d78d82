import type { NetworkAddress, ProcessChange, ProcessQuantity, PublishedAddress } from "./process-events.ts";

/** Everything that happens while a command runs. The code that reports an event does not know how it is printed. */
export type Event =
  | { readonly type: "warning"; readonly message: string }
  /** A file or attribute that could not be copied. --quiet prints it too. */
  | { readonly type: "not-copied"; readonly message: string }
  /** The builder starts a step, e.g. `[2/3] RUN make`, or takes it from its cache. */
  | { readonly type: "build-step"; readonly step: string; readonly cached: boolean }
  /** A line of output of a build step. Several steps may run at once. */
  | { readonly type: "build-output"; readonly step: string; readonly text: string }
  | { readonly type: "pull" | "push"; readonly image: string; readonly status: string }
  /**
   * Where a one-off of a Swarm's service runs. @param way a container, a container beside a service that brings network,
   * secrets and configs, or a service task. @param reason of a service task. @param node undefined if Swarm chooses it.
   */
  | {
      readonly type: "placed";
      readonly app: string;
      readonly node: string | undefined;
      readonly way: "container" | "sibling" | "task";
      readonly reason?: string;
    }
  /** The one-off runs, attached to a TTY. */
  | { readonly type: "running"; readonly app: string; readonly name: string }
  /**
   * Output of a one-off or a process follows. @param interrupt what ^C does: `key` sends it to the command's TTY, `signal`
   * sends SIGINT, `detach` ends only oneoff. @param detachKeys as in --detach-keys; empty if no keys detach.
   */
  | {
      readonly type: "attached";
      readonly name: string;
      readonly app: string;
      readonly interrupt: "key" | "signal" | "detach";
      readonly detachKeys: string;
    }
  /** The one-off runs in the background, as requested. @param host the engine of another node. */
  | { readonly type: "detached"; readonly name: string; readonly host?: string }
  /** The ports of a one-off are published. @param ports of the container, e.g. `80/tcp`, with their addresses on the host. */
  | {
      readonly type: "published";
      readonly app: string;
      readonly name: string;
      readonly ports: readonly { readonly port: string; readonly address: string }[];
    }
  /** The client has detached from the one-off, which is still running. @param host the engine of another node. */
  | { readonly type: "still-running"; readonly name: string; readonly host?: string }
  | {
      readonly type: "stopping";
      readonly name: string;
      readonly reason: "interrupt" | "hangup" | "broken-pipe" | "timeout";
      /** In seconds. */
      readonly stopTimeout: number;
    }
  /** @param memoryLimit in bytes. */
  | { readonly type: "oom-killed"; readonly name: string; readonly memoryLimit: number }
  /** oneoff.yaml was generated with these apps. */
  | { readonly type: "config-written"; readonly file: string; readonly apps: readonly string[] }
  /**
   * @param path as the user gave it. @param target the one-off and the path in it: `run.7364:/tmp/uploads/dump`.
   * @param bytes the total size.
   */
  | { readonly type: "uploading"; readonly path: string; readonly target: string; readonly bytes?: number }
  /** @param source the one-off and the path in it. @param path the local file or folder. @param bytes its total size. */
  | { readonly type: "fetched"; readonly source: string; readonly path: string; readonly bytes: number }
  /** The progress of a transfer in bytes. The last event has `finished`, also after a failure. Several transfers may run at once. */
  | {
      readonly type: "progress";
      readonly operation: "upload" | "fetch" | "context" | "load" | "pull" | "unpack" | "push";
      /** E.g. the layer of an image. */
      readonly item?: string;
      /** Where an upload goes: `run.7364:/tmp/uploads/dump`, or `run.7364` for several files. */
      readonly target?: string;
      readonly current: number;
      readonly total: number | undefined;
      readonly finished?: boolean;
    }
  | { readonly type: "removing"; readonly name: string }
  /** app.json has set or changed these environment variables of the app. */
  | { readonly type: "env-set"; readonly app: string; readonly names: readonly string[] }
  /** @param command of a phase, with secrets masked. */
  | { readonly type: "step-started"; readonly step: string; readonly command: string | undefined }
  | { readonly type: "step-skipped"; readonly step: string; readonly reason: string }
  | { readonly type: "step-done" | "step-failed"; readonly step: string; readonly seconds: number }
  /** A release became live, or was live already. */
  | {
      readonly type: "deployed" | "unchanged";
      readonly app: string;
      readonly release: number;
      readonly image: string;
    }
  /** The steps of a deploy before it starts. */
  | { readonly type: "plan"; readonly app: string; readonly steps: readonly PlannedStep[] }
  /** A deploy has ended, successfully or not. */
  | ({ readonly type: "summary"; readonly app: string } & Summary)
  /** The requested number of processes by type. */
  | { readonly type: "formation"; readonly app: string; readonly processes: readonly ProcessQuantity[] }
  /** The command failed. This is its last event. */
  | {
      readonly type: "failed";
      readonly code: string;
      readonly message: string;
      readonly next: string | undefined;
      readonly exitCode: number;
    }
  /** @param changed whether this deploy made `liveRelease` live. */
  | {
      readonly type: "deploy-failed";
      readonly app: string;
      readonly liveRelease: number | undefined;
      readonly changed: boolean;
    }
  /** A line of output of a phase. */
  | {
      readonly type: "phase-output";
      readonly phase: string;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  /** A failed phase is run again with the same settings. */
  | { readonly type: "retrying"; readonly app: string; readonly name: string }
  | { readonly type: "stopped" | "already-exited"; readonly name: string; readonly app: string }
  /**
   * Nothing to list or to stop. @param resource e.g. `one-offs`. @param states the requested states; empty for any.
   * @param hasRunningProcesses whether processes of the app run although it has no such one-offs.
   */
  | {
      readonly type: "none-found";
      readonly resource: string;
      readonly app: string | undefined;
      readonly states: readonly string[];
      readonly hasRunningProcesses?: boolean;
    }
  /** @param name the one-off that holds the lock. */
  | {
      readonly type: "lock-waiting" | "lock-replacing" | "lock-skipped";
      readonly key: string;
      readonly name: string;
      readonly app: string;
    }
  | ({ readonly type: "process"; readonly app: string; readonly name: string } & ProcessChange)
  /** How the processes of a type are reached after a deploy. @param published on addresses of the engine's host. */
  | {
      readonly type: "reachable";
      readonly app: string;
      readonly processType: string;
      readonly addresses: readonly NetworkAddress[];
      readonly published: readonly PublishedAddress[];
    }
  /** A process type is not started because it has no command. */
  | { readonly type: "process-skipped"; readonly app: string; readonly processType: string }
  /** The schedules of an app were installed. @param scheduler `systemd`, `systemd-user` or `crontab`. @param tasks their number. */
  | { readonly type: "cron-installed"; readonly app: string; readonly scheduler: string; readonly tasks: number }
  /** The installed schedules of an app differ from its tasks. @param scheduler undefined if none are installed. */
  | { readonly type: "cron-outdated"; readonly app: string; readonly scheduler: string | undefined }
  | { readonly type: "cron-removed"; readonly app: string; readonly scheduler: string }
  | { readonly type: "nothing-to-reap" }
  /** The output of a one-off cannot be shown. */
  | { readonly type: "no-output"; readonly name: string; readonly reason: "terminal" | "removed" | "driver" }
  /** Log rotation removed output before it was read. @param until the remaining output starts here: RFC 3339, UTC. */
  | { readonly type: "output-lost"; readonly name: string; readonly until: string }
  /** Log rotation may have removed the oldest output. @param since the remaining output starts here: RFC 3339, UTC. */
  | { readonly type: "log-full"; readonly name: string; readonly since: string }
  /** A process has started while its log is followed. */
  | { readonly type: "log-joined"; readonly name: string; readonly app: string; readonly containerId: string }
  /** A process has exited while its log is followed. @param exitCode undefined if the engine has forgotten it. */
  | {
      readonly type: "log-left";
      readonly name: string;
      readonly app: string;
      readonly containerId: string;
      readonly exitCode: number | undefined;
    }
  | { readonly type: "unlocked"; readonly key: string };

export type Report = (event: Event) => void;

/** @param command of a phase, with secrets masked. */
export interface PlannedStep {
  readonly step: string;
  readonly command: string | undefined;
  readonly skipReason: string | undefined;
}

export interface Summary {
  readonly outcome: "deployed" | "unchanged" | "failed";
  readonly release: number | undefined;
  /** The duration of the whole deploy. */
  readonly seconds: number;
  /** The steps that were started or skipped. */
  readonly steps: readonly SummaryStep[];
}

export interface SummaryStep {
  readonly step: string;
  readonly outcome: "done" | "failed" | "skipped";
  readonly seconds: number;
}
