import { setTimeout as pause } from "node:timers/promises";
import { EngineRefused, isRefusal } from "../errors/engine.ts";
import { containerDetails, containerList, created } from "./answers.ts";
import { type Hijacked, hijack } from "./hijack.ts";
import type { ProcessCreateBody } from "./process-types.ts";
import { shortName } from "./quirks.ts";
import type { Transport } from "./transport.ts";
import type {
  ContainerCreateBody,
  ContainerDetails,
  ContainerSummary,
  CreatedContainer,
  EndpointConfig,
} from "./types.ts";

/** `POST /containers/create`. @param platform required of the image. @throws OneoffError with status 404 for an absent image, 409 for a name in use. */
export async function createContainer(
  engine: Transport,
  name: string | undefined,
  body: ContainerCreateBody | ProcessCreateBody | Pick<ContainerCreateBody, "Image" | "Cmd" | "Labels">,
  platform?: string,
) {
  try {
    const query = { name, platform };
    const response = await engine.send({ method: "POST", path: "/containers/create", query, body });
    return await response.json<CreatedContainer>(created);
  } catch (error) {
    if (!(error instanceof EngineRefused)) await removeUnacknowledged(engine, name, body.Labels);
    throw error;
  }
}

/** Time limit for the removal of a container whose create answer was lost, in milliseconds. */
const REMOVAL_TIMEOUT_MS = 2_000;

/** Removes a container whose ID was lost with the answer, if it has all labels of this request. */
async function removeUnacknowledged(
  engine: Transport,
  name: string | undefined,
  labels: Readonly<Record<string, string>> = {},
) {
  if (Object.keys(labels).length === 0) return;
  const filters = {
    ...(name !== undefined && { name: [`^${name.replaceAll(".", "\\.")}$`] }),
    label: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    status: ["created"],
  };
  const removing = listContainers(engine, filters).then((found) =>
    Promise.all(found.map(({ Id }) => removeContainer(engine, Id, "spare"))),
  );
  // The lost answer is reported, whatever the result of the removal.
  await Promise.race([removing.catch(() => {}), pause(REMOVAL_TIMEOUT_MS, undefined, { ref: false })]);
}

/**
 * Two bytes that never occur in text. The engine detects detach keys too, holds back their possible beginning, and
 * treats an empty value as its default, so it gets keys that cannot be typed.
 */
const NO_DETACH_KEYS = "%FF%2C%FE";

/**
 * `POST /containers/{id}/attach`, hijacked. Resolves when acknowledged: no later output is missed.
 */
export function attachContainer(
  engine: Transport,
  id: string,
  { stdin, tty }: { readonly stdin: boolean; readonly tty: boolean },
): Promise<Hijacked> {
  return hijack(engine, {
    path: `/containers/${id}/attach${tty ? `?detachKeys=${NO_DETACH_KEYS}` : ""}`,
    query: { stream: 1, stdout: 1, stderr: 1, stdin: stdin ? 1 : undefined },
  });
}

/** `POST /containers/{id}/start`. */
export async function startContainer(engine: Transport, id: string): Promise<void> {
  await (await engine.send({ method: "POST", path: `/containers/${id}/start` })).drop();
}

/** `POST /containers/{id}/resize`, in character cells. @throws OneoffError with status 409 until the command runs. */
export async function resizeContainer(engine: Transport, id: string, size: { rows: number; columns: number }) {
  const query = { h: size.rows, w: size.columns };
  await (await engine.send({ method: "POST", path: `/containers/${id}/resize`, query })).drop();
}

/** `POST /containers/{id}/kill`. @param signal with or without `SIG`. */
export async function killContainer(engine: Transport, id: string, signal: string): Promise<void> {
  await (await engine.send({ method: "POST", path: `/containers/${id}/kill`, query: { signal } })).drop();
}

/** `POST /containers/{id}/rename`. @throws OneoffError with status 409 for a name in use. */
export async function renameContainer(engine: Transport, id: string, name: string): Promise<void> {
  await (await engine.send({ method: "POST", path: `/containers/${id}/rename`, query: { name } })).drop();
}

/** `POST /containers/{id}/stop`: SIGTERM, then SIGKILL after `grace` seconds (default: the container's StopTimeout). */
export async function stopContainer(engine: Transport, id: string, grace?: number): Promise<void> {
  const stop = { method: "POST", path: `/containers/${id}/stop`, query: { t: grace } } as const;
  try {
    await (await engine.send(stop)).drop();
  } catch (error) {
    // Podman stops no paused container.
    if (!isRefusal(error, 409, 500) || !/paused/.test(error.reason)) throw error;
    await (await engine.send({ method: "POST", path: `/containers/${id}/unpause` })).drop();
    await (await engine.send(stop)).drop();
  }
}

/**
 * `DELETE /containers/{id}` with its anonymous volumes.
 * @param running `spare` rejects with status 409 if the container runs.
 */
export async function removeContainer(engine: Transport, id: string, running: "kill" | "spare" = "kill") {
  const { path, query, force } = engine.quirks.removal;
  const request = {
    method: "DELETE",
    path: `${path}/${id}`,
    query: { ...(running === "kill" && force), ...query },
  } as const;
  await (await engine.send(request)).drop();
}

/** Removes a container; an absent one, or one in removal, is no error. */
export async function removeIfThere(engine: Transport, id: string): Promise<void> {
  try {
    await removeContainer(engine, id);
  } catch (error) {
    if (!isRefusal(error, 404, 409)) throw error;
  }
}

/** The zero time of the engine. */
export const NEVER = "0001-01-01T00:00:00Z";

/** `GET /containers/{id}/json`, without values that the engine itself added. */
export async function inspectContainer(engine: Transport, id: string): Promise<ContainerDetails> {
  const response = await engine.send({ method: "GET", path: `/containers/${id}/json` });
  const details = await response.json<ContainerDetails>(containerDetails);
  const { states, isOwnEnv, limitName } = engine.quirks;
  const { Health, ...State } = details.State ?? {};
  const Status = states[State.Status ?? ""];
  const Env = details.Config?.Env?.filter((pair) => !isOwnEnv(pair, details.Config.Hostname));
  const Ulimits = details.HostConfig?.Ulimits?.map((limit) => ({ ...limit, Name: limitName(limit.Name) }));
  return {
    ...details,
    Name: details.Name ?? "",
    Created: details.Created || NEVER,
    Mounts: details.Mounts ?? [],
    // Podman 4 has a Health without status for a container without a health check.
    State: { ...State, ...(Status && { Status }), ...(Health?.Status && { Health }) },
    Config: { ...details.Config, ...(Env && { Env }) },
    HostConfig: { ...details.HostConfig, ...(Ulimits && { Ulimits }) },
    NetworkSettings: { ...details.NetworkSettings, Networks: details.NetworkSettings?.Networks ?? {} },
  };
}

/** `GET /libpod/containers/{id}/healthcheck`: lets Podman run the HEALTHCHECK and record its result. */
export async function checkHealth(engine: Transport, id: string): Promise<void> {
  await (await engine.send({ method: "GET", path: `/libpod/containers/${id}/healthcheck` })).drop();
}

/** `GET /containers/json`, also stopped ones. The engine filters, because there may be thousands. */
export async function listContainers(
  engine: Transport,
  filters: Readonly<Partial<Record<"id" | "name" | "label" | "status", readonly string[]>>>,
  limit?: number,
): Promise<ContainerSummary[]> {
  const query = { all: 1, limit, filters: JSON.stringify(filters) };
  const response = await engine.send({ method: "GET", path: "/containers/json", query });
  const { states } = engine.quirks;
  return (await response.json<ContainerSummary[]>(containerList)).map((one) => ({
    ...one,
    // Podman writes null for empty lists.
    Names: one.Names ?? [],
    Labels: one.Labels ?? {},
    Command: one.Command ?? "",
    Created: one.Created ?? 0,
    Image: shortName(engine, one.Image ?? ""),
    State: states[one.State] ?? one.State,
  }));
}

/** `POST /networks/{id}/connect`; the default has no aliases. */
export async function connectNetwork(
  engine: Transport,
  network: string,
  Container: string,
  EndpointConfig: EndpointConfig = {},
): Promise<void> {
  const path = `/networks/${encodeURIComponent(network)}/connect`;
  await (await engine.send({ method: "POST", path, body: { Container, EndpointConfig } })).drop();
}

/** `POST /networks/{id}/disconnect`. */
export async function disconnectNetwork(engine: Transport, network: string, Container: string): Promise<void> {
  const path = `/networks/${encodeURIComponent(network)}/disconnect`;
  await (await engine.send({ method: "POST", path, body: { Container } })).drop();
}
