import { mergeEnv } from "../../../app/env.ts";
import type { Transport } from "../../../engine/transport.ts";
import { notInSwarm } from "../../../errors/swarm.ts";
import { findApp } from "../../apps/find.ts";
import type { Resolved } from "../../apps/resolved-app.ts";
import { resolveService } from "./resolve-service.ts";

/**
 * An app of oneoff.yaml that is deployed to the Swarm: its service has the image of the live release, and the networks,
 * mounts, secrets and configs of the app.
 * @param described the app by oneoff.yaml alone. @param image `--image`
 * @throws OneoffError if the app needs secrets or configs and is not deployed
 */
export async function withOwnService(
  engine: Transport,
  { app }: Resolved,
  image: string | undefined,
): Promise<Resolved> {
  const { secrets = [], configs = [] } = app.settings;
  const { service, tasks } = await findApp(engine, `swarm:${app.name}`);
  if (service?.own?.app !== app.name) {
    if (secrets.length + configs.length > 0) throw notInSwarm(app.name);
    return { app };
  }
  const live = await resolveService(engine, app.name, service, { other: image, tasks });
  const { networks: _networks, binds: _binds, mounts: _mounts, ...settings } = app.settings;
  const { image: liveImage, launcher, env } = live.app;
  return { ...live, app: { ...app, settings, image: liveImage, launcher, env: mergeEnv(env, app.env) } };
}
