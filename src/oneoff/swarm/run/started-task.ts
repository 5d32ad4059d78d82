import type { OneoffSpec } from "../../spec/spec.ts";
import type { RegistryAccess } from "./create-task.ts";

/** A service of one that oneoff has just created. */
export interface StartedTask {
  readonly serviceId: string;
  /** `run.7364` */
  readonly name: string;
  readonly spec: OneoffSpec;
  readonly image: string;
  readonly access: RegistryAccess;
  /** How long Swarm may search for a node. */
  readonly startTimeoutS: number;
  /** Removes the service. */
  discard(): Promise<void>;
  /** Call it when the one-off continues without oneoff. */
  markLeft(): void;
}
