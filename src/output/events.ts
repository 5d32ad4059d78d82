/** Everything oneoff has to say while it works. Who says it knows nothing of how it will look. */
export type Event =
  | { readonly type: "warning"; readonly message: string }
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
  /** How far files have come, in bytes; with `over` the last time, however it ended. */
  | {
      readonly type: "progress";
      readonly what: "upload" | "fetch";
      readonly done: number;
      readonly total: number | undefined;
      readonly over?: boolean;
    }
  | { readonly type: "removing"; readonly name: string }
  | { readonly type: "stopped" | "ended-already"; readonly name: string; readonly app: string }
  /** There is nothing to list or to stop. @param what of it there is none, as in `starting or up`. */
  | {
      readonly type: "none";
      readonly what: string;
      readonly app: string | undefined;
      readonly states: readonly string[];
    }
  /** @param name the one-off's that has the lock. */
  | {
      readonly type: "lock-waiting" | "lock-replacing" | "lock-skipped";
      readonly key: string;
      readonly name: string;
      readonly app: string;
    }
  | { readonly type: "nothing-overdue" }
  /** Why there is nothing to show of what a one-off has written. */
  | { readonly type: "no-output"; readonly name: string; readonly why: "terminal" | "gone" | "driver" }
  | { readonly type: "unlocked"; readonly key: string };

export type Report = (event: Event) => void;
