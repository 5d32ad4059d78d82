import { buildService } from "../../deploy/image/build-service.ts";
import { readProxies } from "../../host/docker-proxies.ts";
import { planServiceBuild } from "../../oneoff/compose/service-build.ts";
import type { PullContext } from "../../oneoff/pull.ts";
import type { Context } from "../context.ts";

/** Builds the image of a Compose service. @param pull whether missing base images are pulled. */
export async function buildImage(
  session: PullContext,
  context: Context,
  { app, pull }: { readonly app: string; readonly pull: boolean },
): Promise<void> {
  const plan = planServiceBuild(context, app);
  const proxies = readProxies(session, context, Object.keys(plan.build.args ?? {}));
  await buildService(session, { ...plan, app, pull, proxies });
}
