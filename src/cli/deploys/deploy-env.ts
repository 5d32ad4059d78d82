import { randomBytes } from "node:crypto";
import { mergeEnv } from "../../app/env.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { appJsonEnv } from "../../deploy/app-env.ts";
import { warning } from "../../errors/error.ts";
import { readEnv } from "../../oneoff/apps/manifest-file.ts";
import type { Report } from "../../output/events.ts";
import type { Context } from "../context.ts";

/** Stores variables of app.json; variables of oneoff.yaml take precedence. */
export function deployEnv(
  name: string,
  described: ManifestApp | undefined,
  variables: Parameters<typeof appJsonEnv>[0],
  context: Context,
  report: Report,
) {
  const given = described
    ? readEnv(described, context, (message) => report(warning(message)))
    : new Map<string, string>();
  const stored = context.envStore.read(name);
  const set = appJsonEnv(variables, stored, given, () => randomBytes(32).toString("hex"));
  const names = Array.from(set).flatMap(([variable, value]) => (stored.get(variable) === value ? [] : variable));
  if (names.length > 0) {
    context.envStore.write(name, set);
    report({ type: "env-set", app: name, names });
  }
  return mergeEnv(set, given);
}
