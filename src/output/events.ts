/** Everything oneoff has to say while it works. Who says it knows nothing of how it will look. */
export type Event =
  | { readonly type: "warning"; readonly message: string }
  /** Something that was to be copied stays behind: --quiet prints it, too. */
  | { readonly type: "not-copied"; readonly message: string }
  /** A builder begins with a step, as in `[2/3] RUN make`, or has it already. */
  | { readonly type: "build-step"; readonly step: string; readonly cached: boolean }
  /** A line that a step has written. Several steps may be under way at once. */
  | { readonly type: "build-output"; readonly step: string; readonly text: string }
  | { readonly type: "pull"; readonly image: string; readonly status: string }
  /** The one-off runs, attached to a terminal. */
  | { readonly type: "running"; readonly app: string; readonly name: string }
  /** The one-off runs without us, as it was meant to. */
  | { readonly type: "detached"; readonly name: string }
  /** We have left it, and it runs on. */
  | { readonly type: "left"; readonly name: string }
  | {
      readonly type: "stopping";
      readonly name: string;
      readonly why: "interrupt" | "hangup" | "output" | "timeout";
      readonly grace: number;
    }
  /** @param limit in bytes. */
  | { readonly type: "out-of-memory"; readonly name: string; readonly limit: number }
  /** A oneoff.yaml with these apps. */
  | { readonly type: "written"; readonly file: string; readonly apps: readonly string[] }
  /** @param path as the user gave it. @param bytes of all that is in it. */
  | { readonly type: "uploading"; readonly path: string; readonly bytes?: number }
  /** How far something has come, in bytes; with `over` the last time, however it ended. Several may be under way at once. */
  | {
      readonly type: "progress";
      readonly what: "upload" | "fetch" | "context" | "load" | "pull" | "unpack";
      /** Which of several, as in a layer of an image. */
      readonly item?: string;
      readonly done: number;
      readonly total: number | undefined;
      readonly over?: boolean;
    }
  | { readonly type: "removing"; readonly name: string }
  /** What app.json has set, or set anew, of an app's variables. */
  | { readonly type: "variables"; readonly app: string; readonly names: readonly string[] }
  /** A step of a deploy. @param command of a phase, without secrets. */
  | { readonly type: "step-started"; readonly step: string; readonly command: string | undefined }
  | { readonly type: "step-skipped"; readonly step: string; readonly why: string }
  | { readonly type: "step-done" | "step-failed"; readonly step: string; readonly seconds: number }
  /** A release is live, or was already. */
  | {
      readonly type: "deployed" | "unchanged";
      readonly app: string;
      readonly release: number;
      readonly image: string;
    }
  /** What a deploy will do. */
  | { readonly type: "plan"; readonly app: string; readonly steps: readonly PlannedStep[] }
  /** A deploy is over, well or not. */
  | ({ readonly type: "summary"; readonly app: string } & Summary)
  /** How many processes of each type there are to be. */
  | { readonly type: "formation"; readonly app: string; readonly processes: readonly ProcessQuantity[] }
  /** Nothing comes after it. */
  | {
      readonly type: "failed";
      readonly code: string;
      readonly message: string;
      readonly next: string | undefined;
      readonly exitCode: number;
    }
  /** @param live what is: `isNew` tells whether it became that in this deploy; undefined where nothing is. */
  | { readonly type: "deploy-failed"; readonly app: string; readonly live: number | undefined; readonly isNew: boolean }
  /** A line that a phase of a deploy has written, as it comes. */
  | {
      readonly type: "phase-output";
      readonly phase: string;
      readonly channel: "stdout" | "stderr";
      readonly text: string;
    }
  /** A phase that has failed is run as it was. */
  | { readonly type: "repeating"; readonly app: string; readonly name: string }
  | { readonly type: "stopped" | "ended-already"; readonly name: string; readonly app: string }
  /**
   * There is nothing to list or to stop. @param what of it there is none, as in `starting or up`. @param isServing whether
   * processes of the app run, which are not what was asked for.
   */
  | {
      readonly type: "none";
      readonly what: string;
      readonly app: string | undefined;
      readonly states: readonly string[];
      readonly isServing?: boolean;
    }
  /** @param name the one-off's that has the lock. */
  | {
      readonly type: "lock-waiting" | "lock-replacing" | "lock-skipped";
      readonly key: string;
      readonly name: string;
      readonly app: string;
    }
  | ({ readonly type: "process"; readonly app: string; readonly name: string } & ProcessStep)
  /** @param process the type that is not scheduled, for there is no command for it. */
  | { readonly type: "process-skipped"; readonly app: string; readonly process: string }
  | { readonly type: "nothing-overdue" }
  /** Why there is nothing to show of what a one-off has written. */
  | { readonly type: "no-output"; readonly name: string; readonly why: "terminal" | "gone" | "driver" }
  /** Output that was removed from the log before it was read. @param until what is left begins here: RFC 3339, UTC. */
  | { readonly type: "output-lost"; readonly name: string; readonly until: string }
  /** A log that may have lost its oldest output. @param since what is left begins here: RFC 3339, UTC. */
  | { readonly type: "log-full"; readonly name: string; readonly since: string }
  | { readonly type: "unlocked"; readonly key: string };

export type Report = (event: Event) => void;

/** @param command of a phase, without secrets. @param skipped why nothing is done. */
export interface PlannedStep {
  readonly step: string;
  readonly command: string | undefined;
  readonly skipped: string | undefined;
}

export interface Summary {
  readonly outcome: "deployed" | "unchanged" | "failed";
  readonly release: number | undefined;
  /** From the beginning to the end. */
  readonly seconds: number;
  /** Those that were begun, or skipped. */
  readonly steps: readonly SummaryStep[];
}

export interface SummaryStep {
  readonly step: string;
  readonly outcome: "done" | "failed" | "skipped";
  readonly seconds: number;
}

export interface ProcessQuantity {
  readonly type: string;
  readonly quantity: number;
}

/** What becomes of a process of an app. */
export type ProcessStep =
  /** `live`: it has taken its place. `stopping`: what has given its place up; with the seconds it has to end. */
  | { readonly step: "starting" | "well" | "live" | "kept" | "stopped" | "removed" }
  | { readonly step: "stopping"; readonly grace: number }
  /** It was asked, and will be asked again unless that was the last time. */
  | { readonly step: "unwell"; readonly reason: string; readonly tries: number; readonly attempts: number };
