import type { AppJsonVariable } from "../app/app-json.ts";
import type { Env } from "../app/env.ts";
import { requiredVariable } from "../errors/deploy.ts";

/**
 * What app.json's `env` sets besides what is there: values where there are none, secrets made up once, and those with
 * `sync` anew each time.
 * @param stored what it has set before. @param given what else says, which comes before all.
 * @param secret makes one up: 64 hexadecimal digits.
 * @returns all it sets from now on. @throws OneoffError for a variable that is required and has no value.
 */
export function appJsonEnv(
  variables: ReadonlyMap<string, AppJsonVariable>,
  stored: Env,
  given: Env,
  secret: () => string,
): Env {
  const env = new Map(stored);
  for (const [name, { value, required, generator, sync }] of variables) {
    if (env.has(name) && !sync) continue;
    const fresh = generator === "secret" ? secret() : value;
    if (fresh !== undefined) env.set(name, fresh);
    else if (required && !given.has(name)) throw requiredVariable(name);
  }
  return env;
}
