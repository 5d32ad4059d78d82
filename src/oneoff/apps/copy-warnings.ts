import { inspectService } from "../../engine/swarm/services.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { missingSecrets, pausedSource } from "../../errors/apps.ts";
import { isRefusal } from "../../errors/engine.ts";

/** Warns about unexpected differences between a one-off and the copied container. */
export async function findCopyWarnings(
  engine: Transport,
  { Name, Config, State }: ContainerDetails,
): Promise<string[]> {
  const service = Config.Labels?.["com.docker.swarm.service.id"];
  return [
    ...(State.Status === "paused" ? [pausedSource(Name.replace(/^\//, ""))] : []),
    ...(service === undefined ? [] : await secretWarnings(engine, service)),
  ];
}

async function secretWarnings(engine: Transport, service: string): Promise<string[]> {
  try {
    const { Secrets, Configs } = (await inspectService(engine, service)).Spec.TaskTemplate.ContainerSpec ?? {};
    const secrets = (Secrets ?? []).map(({ SecretName, File }) =>
      absolutePath(File?.Name ?? SecretName, "/run/secrets/"),
    );
    const configs = (Configs ?? []).map(({ ConfigName, File }) => absolutePath(File?.Name ?? ConfigName, "/"));
    const missing = [...secrets, ...configs];
    return missing.length > 0 ? [missingSecrets(missing)] : [];
  } catch (error) {
    if (!isRefusal(error, 404, 503)) throw error;
    return [missingSecrets(undefined)];
  }
}

/** Relative names are below the folder that Swarm mounts them in. */
const absolutePath = (name: string, folder: string) => (name.startsWith("/") ? name : `${folder}${name}`);
