/** Everything oneoff has to say while it works. Who says it knows nothing of how it will look. */
export type Event =
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "pull"; readonly image: string; readonly status: string }
  /** The one-off runs, attached to a terminal. */
  | { readonly type: "running"; readonly app: string; readonly name: string }
  /** The one-off runs without us, as it was meant to. */
  | { readonly type: "detached"; readonly name: string; readonly container: string }
  /** We have left it by the detach keys. */
  | { readonly type: "left"; readonly name: string; readonly container: string }
  | {
      readonly type: "stopping";
      readonly name: string;
      readonly why: "interrupt" | "hangup" | "output" | "timeout";
      readonly grace: number;
    }
  /** @param limit in bytes. */
  | { readonly type: "out-of-memory"; readonly name: string; readonly limit: number }
  | { readonly type: "removing"; readonly name: string };

export type Report = (event: Event) => void;
