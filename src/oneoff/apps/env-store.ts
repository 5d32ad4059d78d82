import type { Env } from "../../app/env.ts";

/** Stores the variables that app.json sets. Generated secrets have to stay the same across deploys. */
export interface EnvStore {
  read(app: string): Env;
  /** The file is readable by its owner only. An empty `env` removes it. */
  write(app: string, env: Env): void;
}
