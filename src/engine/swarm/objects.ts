import type { Transport } from "../transport.ts";
import { config, configList, created, secretList } from "./answers.ts";
import type { SwarmConfig, SwarmSecret } from "./object-types.ts";

/** `name` matches prefixes, `label` is `key` or `key=value`. */
export interface ObjectFilters {
  readonly name?: readonly string[];
  readonly label?: readonly string[];
}

/** `GET /configs`, with their data. @throws OneoffError with status 503 on an engine that is not a manager. */
export async function listConfigs(engine: Transport, filters: ObjectFilters = {}): Promise<SwarmConfig[]> {
  const query = { filters: JSON.stringify(filters) };
  return (await engine.send({ method: "GET", path: "/configs", query })).json<SwarmConfig[]>(configList);
}

/** `GET /configs/{id}`. @throws OneoffError with status 404. */
export async function inspectConfig(engine: Transport, id: string): Promise<SwarmConfig> {
  return (await engine.send({ method: "GET", path: `/configs/${encodeURIComponent(id)}` })).json<SwarmConfig>(config);
}

/** `POST /configs/create`, atomic in the whole Swarm. @returns the ID. @throws OneoffError with status 409 for a name in use. */
export async function createConfig(
  engine: Transport,
  body: { readonly Name: string; readonly Labels: Readonly<Record<string, string>>; readonly Data: Buffer },
): Promise<string> {
  const encoded = { ...body, Data: body.Data.toString("base64") };
  const answer = await engine.send({ method: "POST", path: "/configs/create", body: encoded });
  return (await answer.json<{ ID: string }>(created)).ID;
}

/** `POST /configs/{id}/update`. Only labels can change. @throws OneoffError with status 500 if the config has changed since. */
export async function relabelConfig(
  engine: Transport,
  { ID, Version, Spec }: SwarmConfig,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const query = { version: Version.Index };
  const body = { ...Spec, Labels: labels };
  await (await engine.send({ method: "POST", path: `/configs/${ID}/update`, query, body })).drop();
}

/** `DELETE /configs/{id}`. @throws OneoffError with status 400 while a service uses it, 404. */
export async function removeConfig(engine: Transport, id: string): Promise<void> {
  await (await engine.send({ method: "DELETE", path: `/configs/${encodeURIComponent(id)}` })).drop();
}

/** `GET /secrets`, without their data. @throws OneoffError with status 503 on an engine that is not a manager. */
export async function listSecrets(engine: Transport, filters: ObjectFilters = {}): Promise<SwarmSecret[]> {
  const query = { filters: JSON.stringify(filters) };
  return (await engine.send({ method: "GET", path: "/secrets", query })).json<SwarmSecret[]>(secretList);
}
