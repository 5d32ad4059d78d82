import type { Env } from "../../app/env.ts";

/** What app.json has set of an app's variables. It is kept, since a secret is made up once. */
export interface EnvStore {
  /** Empty where nothing was ever set. */
  read(app: string): Env;
  /** For nobody else to read; of nothing, nothing is kept. */
  write(app: string, env: Env): void;
}
