import { randomBytes } from "node:crypto";
import { type Env, mergeEnv } from "../../app/env.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { appJsonEnv } from "../../deploy/app-env.ts";
import { warning } from "../../errors/error.ts";
import { readEnv } from "../../oneoff/apps/manifest-file.ts";
import type { Report } from "../../output/events.ts";
import type { Context } from "../context.ts";

type Variables = Parameters<typeof appJsonEnv>[0];

/**
 * The variables of an app. Variables of oneoff.yaml take precedence.
 * @returns also the values of app.json to store, and which of them are new.
 */
export function planEnv(
  name: string,
  described: ManifestApp | undefined,
  variables: Variables,
  context: Context,
  report: Report,
) {
  const given = described
    ? readEnv(described, context, (message) => report(warning(message)))
    : new Map<string, string>();
  const stored = context.envStore.read(name);
  const set = appJsonEnv(variables, stored, given, () => randomBytes(32).toString("hex"));
  const names = Array.from(set).flatMap(([variable, value]) => (stored.get(variable) === value ? [] : variable));
  return { env: mergeEnv(set, given), set, names };
}

/** Stores variables of app.json. @returns the variables of the app. */
export function deployEnv(...given: Parameters<typeof planEnv>): Env {
  const [name, , , context, report] = given;
  const { env, set, names } = planEnv(...given);
  if (names.length > 0) {
    context.envStore.write(name, set);
    report({ type: "env-set", app: name, names });
  }
  return env;
}
