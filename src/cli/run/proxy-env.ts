import type { App } from "../../app/app.ts";
import { mergeEnv, unsetNames } from "../../app/env.ts";
import type { Transport } from "../../engine/transport.ts";
import { readProxies } from "../../host/docker-proxies.ts";
import type { ContainerCopy } from "../../oneoff/apps/copy.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";
import type { Report } from "../../output/events.ts";
import type { Context } from "../context.ts";

/** Adds the proxies of docker's configuration, as in `docker run`. Variables of the app take precedence. */
export function withProxies(
  context: { readonly engine: Pick<Transport, "endpoint">; readonly report: Report },
  world: Context,
  { app, copy }: { readonly app: App; readonly copy: Pick<ContainerCopy, "env"> | undefined },
  { env, unset = [] }: Pick<RunOptions, "env" | "unset">,
): App {
  const removed = [...unsetNames(copy?.env ?? []), ...unset];
  const proxies = readProxies(context, world, [...app.env.keys(), ...env.keys(), ...removed]);
  return proxies.size === 0 ? app : { ...app, env: mergeEnv(proxies, app.env) };
}
