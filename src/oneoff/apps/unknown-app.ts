import { nearestComposeFiles } from "../../app/compose/file-names.ts";
import { didYouMean } from "../../app/did-you-mean.ts";
import { swarmMembership } from "../../engine/swarm/nodes.ts";
import type { Transport } from "../../engine/transport.ts";
import { unknownApp } from "../../errors/apps.ts";
import { searched } from "../../errors/swarm.ts";
import { serviceAppNames } from "../swarm/services/service-app.ts";
import { listApps } from "./app-list.ts";
import type { ManifestFile } from "./manifest-file.ts";

/**
 * Lists the known apps and the most similar name.
 * @param command for the error.
 * @param nearby see `listApps`.
 */
export async function unknownAppError(
  engine: Transport,
  name: string,
  manifestFile: ManifestFile | undefined,
  command = "run",
  nearby?: Parameters<typeof listApps>[2],
) {
  const [apps, swarm] = await Promise.all([listApps(engine, manifestFile, nearby), searchedSwarm(engine)]);
  const appNames = apps.map((app) => app.name);
  // A service is also found without its project or stack.
  const shortNames = appNames.map((appName) => appName.replace(/^.*\//, ""));
  const near = didYouMean(name, [...appNames, ...shortNames, ...swarm.names]);
  const [compose] = (nearby && nearestComposeFiles(nearby.files.cwd, nearby.files.exists)) ?? [];
  return unknownApp(name, near, appNames, { manifest: manifestFile?.file, compose, swarm: swarm.text }, command);
}

/** The names of services, and a line about the search for them. */
async function searchedSwarm(engine: Transport): Promise<{ names: readonly string[]; text: string | undefined }> {
  const { listServiceApps } = await import("../swarm/services/find-service.ts");
  const services = await listServiceApps(engine);
  if (typeof services !== "string") return { names: services.flatMap(serviceAppNames), text: searched.manager };
  const { state, managers } = services === "worker" ? await swarmMembership(engine) : { state: "", managers: [] };
  return { names: [], text: state === "active" ? searched.worker(managers.map(({ Addr }) => Addr)) : undefined };
}
