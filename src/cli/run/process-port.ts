import type { App } from "../../app/app.ts";
import { parseEnvList } from "../../app/env.ts";
import { DEFAULT_PORT } from "../../deploy/rollout/process-spec.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { latestTag } from "../../release/tags.ts";

/** Adds the PORT of the process, if the first argument is a process type of a release. */
export async function withPort(engine: Transport, app: App, firstWord: string | undefined): Promise<App> {
  const isProcess = firstWord !== undefined && app.procfile.has(firstWord);
  if (!isProcess || app.env.has("PORT") || app.image !== latestTag(app.name)) return app;
  try {
    const { Config } = await inspectImage(engine, app.image);
    if (parseEnvList(Config?.Env ?? []).has("PORT")) return app;
  } catch (error) {
    // Creating the one-off reports the missing image.
    if (isRefusal(error, 404)) return app;
    throw error;
  }
  return { ...app, env: new Map([...app.env, ["PORT", DEFAULT_PORT]]) };
}
