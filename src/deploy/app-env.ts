import type { AppJsonVariable } from "../app/app-json.ts";
import type { Env } from "../app/env.ts";
import { requiredVariable } from "../errors/deploy.ts";

/**
 * The variables that `env` in app.json sets. Stored values are kept, unless the variable has `sync`. Secrets are
 * generated once.
 * @param stored values of earlier deploys. @param overrides values of other sources, which take precedence.
 * @param generateSecret returns 64 hexadecimal digits.
 * @returns the values to store. @throws OneoffError for a required variable without a value.
 */
export function appJsonEnv(
  variables: ReadonlyMap<string, AppJsonVariable>,
  stored: Env,
  overrides: Env,
  generateSecret: () => string,
): Env {
  const env = new Map(stored);
  for (const [name, { value, required, generator, sync }] of variables) {
    if (env.has(name) && !sync) continue;
    const newValue = generator === "secret" ? generateSecret() : value;
    if (newValue !== undefined) env.set(name, newValue);
    else if (required && !overrides.has(name)) throw requiredVariable(name);
  }
  return env;
}
