import type { LockContext } from "../locks/lock.ts";
import type { OneoffSpec } from "../spec/spec.ts";

/** What a one-off needs besides its container, e.g. the networks of a Compose file. */
export interface Surroundings {
  /**
   * Called before the create, when the engine has the image. May be called again, with another name.
   * @param name `run.7364`. @returns false if another name is needed.
   */
  prepare(spec: OneoffSpec, context: LockContext, name: string): Promise<boolean>;
  /** Called before the start. */
  fill(id: string): Promise<void>;
  /** Removes what `prepare` has created and holds no data, if no container could be created. */
  abandon(): Promise<void>;
  /** Called when the one-off has ended, unless it continues without oneoff. */
  release(): Promise<void>;
}
