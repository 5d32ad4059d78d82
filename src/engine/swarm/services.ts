import { setTimeout as pause } from "node:timers/promises";
import { EngineRefused } from "../../errors/engine.ts";
import type { Transport } from "../transport.ts";
import { created, service, serviceList, serviceWarnings } from "./answers.ts";
import type { Service, ServiceSpec } from "./service-types.ts";

/** Filters of one kind are alternatives. `name` matches prefixes, `label` is `key` or `key=value`. */
export interface ServiceFilters {
  readonly id?: readonly string[];
  readonly name?: readonly string[];
  readonly label?: readonly string[];
}

/**
 * `GET /services`. @param status whether to count the tasks of each service.
 * @throws OneoffError with status 503 on an engine that is not a manager
 */
export async function listServices(
  engine: Transport,
  filters: ServiceFilters = {},
  status = false,
): Promise<Service[]> {
  const query = { filters: JSON.stringify(filters), ...(status && { status }) };
  return (await engine.send({ method: "GET", path: "/services", query })).json<Service[]>(serviceList);
}

/** `GET /services/{id}`. @throws OneoffError with status 404, or 503 on an engine that is not a manager. */
export async function inspectService(engine: Transport, idOrName: string): Promise<Service> {
  return (await engine.send({ method: "GET", path: `/services/${encodeURIComponent(idOrName)}` })).json<Service>(
    service,
  );
}

/** In milliseconds. */
const REMOVAL_TIMEOUT_MS = 2_000;

/**
 * `POST /services/create`. A service whose ID was lost with the answer is removed, because its name is unique.
 * @param auth the header `X-Registry-Auth`, which the nodes use to pull the image.
 * @returns the ID. @throws OneoffError with status 409 for a name in use, in any case of letters.
 */
export async function createService(engine: Transport, body: ServiceSpec, auth?: string): Promise<string> {
  try {
    return await requestService(engine, body, auth);
  } catch (error) {
    if (!(error instanceof EngineRefused)) {
      await Promise.race([
        removeUnacknowledged(engine, body).catch(() => {}),
        pause(REMOVAL_TIMEOUT_MS, undefined, { ref: false }),
      ]);
    }
    throw error;
  }
}

/** `POST /services/create`, where the caller finds a service whose ID was lost with the answer. */
export async function requestService(engine: Transport, body: ServiceSpec, auth?: string): Promise<string> {
  const request = { method: "POST", path: "/services/create", body, headers: authHeaders(auth) } as const;
  return (await (await engine.send(request)).json<{ ID: string }>(created)).ID;
}

async function removeUnacknowledged(engine: Transport, { Name, Labels }: ServiceSpec): Promise<void> {
  for (const one of await listServices(engine, { name: [Name] })) {
    const isSame = one.Spec.Name === Name && sameLabels(one.Spec.Labels, Labels);
    if (isSame) await removeService(engine, one.ID);
  }
}

/** Without labels, another service of this name looks the same. */
export const sameLabels = (a: ServiceSpec["Labels"], b: ServiceSpec["Labels"]) =>
  Object.keys(b ?? {}).length > 0 && Object.entries(b ?? {}).every(([key, value]) => a?.[key] === value);

/**
 * `POST /services/{id}/update`. @param version of the service that was read.
 * @returns warnings. @throws OneoffError with status 500 and `update out of sequence` if the service has changed since.
 */
export async function updateService(
  engine: Transport,
  { ID, Version }: Pick<Service, "ID" | "Version">,
  body: ServiceSpec,
  auth?: string,
): Promise<readonly string[]> {
  const answer = await engine.send({
    ...{ method: "POST", path: `/services/${ID}/update`, query: { version: Version.Index }, body },
    headers: authHeaders(auth),
  });
  return (await answer.json<{ Warnings?: readonly string[] | null } | null>(serviceWarnings))?.Warnings ?? [];
}

/** `DELETE /services/{id}`. The tasks receive the stop signal after more than a second. @throws OneoffError with status 404. */
export async function removeService(engine: Transport, id: string): Promise<void> {
  await (await engine.send({ method: "DELETE", path: `/services/${encodeURIComponent(id)}` })).drop();
}

const authHeaders = (auth: string | undefined) => (auth === undefined ? {} : { "x-registry-auth": auth });
