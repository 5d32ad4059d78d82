export interface ProcessQuantity {
  readonly processType: string;
  readonly quantity: number;
}

/** @param host an alias or an address in the network. @param port the value of `PORT`. */
export interface NetworkAddress {
  readonly network: string;
  readonly host: string;
  readonly port: number;
}

/** @param address `0.0.0.0` for all. @param port of the container. */
export interface PublishedAddress {
  readonly address: string;
  readonly hostPort: number;
  readonly port: number;
  readonly protocol: string;
}

/** The new state of a process of an app. */
export type ProcessChange =
  /** `live`: it has replaced the old process. `unchanged`: it keeps running. */
  | { readonly state: "starting" | "healthy" | "live" | "unchanged" | "stopped" | "removed" }
  /** @param stopTimeout in seconds. */
  | { readonly state: "stopping"; readonly stopTimeout: number }
  /**
   * It was started. @param check what must succeed before it is healthy, e.g. `GET /health`. @param seconds the time that
   * it must stay up, if nothing else is checked.
   */
  | { readonly state: "waiting"; readonly check: string; readonly seconds?: number }
  /** A health check failed. It is retried up to `maxAttempts` times. @param summary the reason in a few words. */
  | {
      readonly state: "unhealthy";
      readonly check: string;
      readonly reason: string;
      readonly summary: string;
      readonly attempt: number;
      readonly maxAttempts: number;
    };
