import { reach, unreachableEngine } from "../errors/connection.ts";
import {
  type CommandFault,
  type EngineRefused,
  engineRefused,
  engineTooNew,
  isRefusal,
  notAnEngine,
  proxyRefused,
} from "../errors/engine.ts";
import { OneoffError } from "../errors/error.ts";
import { type Endpoint, placeOf } from "./endpoint/endpoint.ts";
import { statusOf } from "./quirks.ts";
import { compareVersions, PREFERRED } from "./version.ts";

interface Answer {
  readonly status: number;
  /** Present only in answers of an engine. */
  readonly apiVersion: string | undefined;
  readonly body: string;
}

/** Messages of Go's HTTP server and of the most common proxy. */
const TLS_WANTED = /HTTP request (was sent )?to (an )?HTTPS/i;

/** Creates the error for a rejection, which may come from a proxy instead of an engine. */
export function refusalOf(endpoint: Endpoint, request: { method: string; path: string }, answer: Answer): Error {
  const { status, apiVersion, body } = answer;
  const message = messageOf(body);
  if (status === 400 && TLS_WANTED.test(body)) return unreachableEngine(placeOf(endpoint), reach.tlsThere(), undefined);
  const [, asked, floor] =
    /client version ([\d.]+) is too old. Minimum supported API version is ([\d.]+)/.exec(message) ?? [];
  if (asked && floor) return engineTooNew(asked, floor, compareVersions(asked, PREFERRED) < 0);
  // Answers of an engine have an Api-Version or a JSON message; answers to HEAD have no body.
  if (apiVersion !== undefined || message !== body.trim() || request.method === "HEAD") {
    return refused(status, message, request);
  }
  const place = placeOf(endpoint);
  return [401, 403, 407].includes(status)
    ? proxyRefused(place, request, status, body)
    : notAnEngine(place, status, body);
}

/** A rejection by the engine, with Docker's status. */
export const refused = (status: number, message: string, request: Parameters<typeof engineRefused>[2]) =>
  engineRefused(statusOf(status, message), message, request);

/** The message of an error: `{"message": …}` of the engine's handlers, or plain text of its HTTP server. */
export function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === "object" && "message" in parsed) return String(parsed.message);
  } catch {
    // Not JSON: the text is the message.
  }
  return body.trim();
}

/** Whether a create was rejected because its name exists; 409 has other causes too. */
export const isNameTaken = (error: unknown): error is EngineRefused =>
  isRefusal(error, 409, 500) && /name .*already in use/i.test(error.reason);

/** Whether an image could not be created because another client concurrently created or removed it or its name. */
export const isImageConflict = (error: unknown) =>
  error instanceof OneoffError &&
  /already ?exists|failed to get digest sha256:\w+: open .*: no such file|(image|layer) not known|locating item named/i.test(
    error.message,
  );

/** Whether Podman 4 could not list images because an unrelated image was created or removed concurrently. */
export const isImageListConflict = (error: unknown) =>
  isRefusal(error, 500) &&
  /image not known|nil pointer dereference|locating item named|reading data blob size/.test(error.reason);

/** Whether a create was rejected because the image does not exist; 404 has other causes too. */
export const isMissingImage = (error: unknown): error is EngineRefused =>
  isRefusal(error, 404) && /no such image/i.test(error.reason);

/** Whether a create was rejected because the image is of another platform than the requested one. */
export const isOtherPlatform = (error: unknown): error is EngineRefused =>
  isRefusal(error, 404, 500) && /does not (?:match|provide) the specified platform/i.test(error.reason);

/** Whether a create or start was rejected because a container with a shared namespace does not exist. */
export const isGoneShare = (error: unknown): error is EngineRefused =>
  isRefusal(error, 400, 404, 409, 500) &&
  /no such container|cannot join .* of a non.?running container|container \S+ is not running|dependencies of container \S+ are not started/i.test(
    error.reason,
  );

/** @returns the name of the network if a create or start was rejected because it does not exist. */
export const missingNetworkOf = (error: unknown): string | undefined =>
  isRefusal(error, 404, 500)
    ? /\bnetwork (?:with name or ID )?(\S+?):? (?:network )?not found/i.exec(error.reason)?.[1]
    : undefined;

/** Messages about published ports. */
const PORT = /external connectivity|host port|\blisten (?:tcp|udp)|cannot listen|rootlessport|port is already/i;

/** @returns the host port of a refused start, if another program or container uses it. */
export function takenPortOf(error: unknown): { readonly hostPort: number; readonly address: string } | undefined {
  if (!isRefusal(error, 400, 409, 500) || !PORT.test(error.reason)) return undefined;
  if (!/already (?:allocated|in use)/i.test(error.reason)) return undefined;
  // Podman omits the address of all interfaces.
  const [, address = "0.0.0.0", port] =
    /(?:((?:\d+\.){3}\d+|\[[0-9a-f:]*\])|\blisten \w+ ):(\d+)/i.exec(error.reason) ?? [];
  return port === undefined ? undefined : { hostPort: Number(port), address: `${address}:${port}` };
}

/** Whether a start was rejected because the engine has no driver for the requested GPUs. */
export const lacksGpuDriver = (error: unknown) =>
  isRefusal(error, 400, 500) && /could not select device driver/i.test(error.reason);

/**
 * Why a command could not start, by the same messages in the same order as in docker's client.
 * @returns undefined for errors that are not about the command.
 */
export function commandFaultOf(reason: string): CommandFault | undefined {
  if (PORT.test(reason)) return undefined;
  if (/\bchdir\b/i.test(reason)) return "no-workdir";
  // The message of an invalid mount has the same ending.
  const isCommands = /exec: "|exec container process|crun: (?:open|exec|the path|executable file|cannot find) `/i.test(
    reason,
  );
  if (isCommands && /argument list too long|file name too long|not a directory|exec format error/i.test(reason))
    return "too-large";
  // docker also exits with 127 for a missing mount or device; oneoff uses 127 only for commands.
  const isMounts = !isCommands && /\bmount(?:ing|ed)?\b|\bdevice\b/i.test(reason);
  if (/executable file .*not found|no such file or directory/i.test(reason) && !isMounts) return "not-found";
  if (/permission denied|is a directory/i.test(reason)) return "not-executable";
  return undefined;
}
