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
import { reach, unreachableEngine } from "../errors/reach.ts";
import { statusOf } from "./dialect.ts";
import { type Endpoint, placeOf } from "./endpoint/endpoint.ts";
import { compareVersions, PREFERRED } from "./version.ts";

interface Answer {
  readonly status: number;
  /** Of the engine's own answers. */
  readonly apiVersion: string | undefined;
  readonly body: string;
}

/** Go's own server, and the most used proxy, say so in words. */
const TLS_WANTED = /HTTP request (was sent )?to (an )?HTTPS/i;

/** What an answer that is a refusal means: not all that answers is an engine. */
export function refusalOf(endpoint: Endpoint, request: { method: string; path: string }, answer: Answer): Error {
  const { status, apiVersion, body } = answer;
  const message = messageOf(body);
  if (status === 400 && TLS_WANTED.test(body)) return unreachableEngine(placeOf(endpoint), reach.tlsThere(), undefined);
  const [, asked, floor] =
    /client version ([\d.]+) is too old. Minimum supported API version is ([\d.]+)/.exec(message) ?? [];
  if (asked && floor) return engineTooNew(asked, floor, compareVersions(asked, PREFERRED) < 0);
  // An engine says of each answer which API it speaks, or puts what is wrong into JSON; to HEAD there is none.
  if (apiVersion !== undefined || message !== body.trim() || request.method === "HEAD") {
    return refused(status, message, request);
  }
  const place = placeOf(endpoint);
  return [401, 403, 407].includes(status)
    ? proxyRefused(place, request, status, body)
    : notAnEngine(place, status, body);
}

/** A refusal of the engine's own, by the status that Docker would have for it. */
export const refused = (status: number, message: string, request: Parameters<typeof engineRefused>[2]) =>
  engineRefused(statusOf(status, message), message, request);

/** What the engine says of a failure: `{"message": …}` from its handlers, plain text from what stands in front of them. */
export function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === "object" && "message" in parsed) return String(parsed.message);
  } catch {
    // Not JSON: the text is the message.
  }
  return body.trim();
}

/** Whether a create was refused because of its name; volumes and the like can be in conflict too. */
export const isNameTaken = (error: unknown): error is EngineRefused =>
  isRefusal(error, 409, 500) && /name .*already in use/i.test(error.reason);

/** Whether an image could not be made because somebody else has made, or removed, the same or its name at the same moment. */
export const isCrossed = (error: unknown) =>
  error instanceof OneoffError &&
  /already ?exists|failed to get digest sha256:\w+: open .*: no such file|(image|layer) not known|locating item named/i.test(
    error.message,
  );

/** Whether images could not be read because one of them, not necessarily a wanted one, comes or goes just now: Podman 4. */
export const isStumble = (error: unknown) =>
  isRefusal(error, 500) &&
  /image not known|nil pointer dereference|locating item named|reading data blob size/.test(error.reason);

/** Whether a create was refused because the image is not there; a network or volume can be missing too. */
export const isMissingImage = (error: unknown): error is EngineRefused =>
  isRefusal(error, 404) && /no such image/i.test(error.reason);

/** Whether a create or a start was refused because a container is not there whose network, or the like, was to be shared. */
export const isGoneShare = (error: unknown): error is EngineRefused =>
  isRefusal(error, 400, 404, 409, 500) &&
  /no such container|cannot join .* of a non.?running container|container \S+ is not running|dependencies of container \S+ are not started/i.test(
    error.reason,
  );

/**
 * Why a command was not started, by the same words in the same order as the docker client.
 * @returns undefined for what has nothing to do with the command.
 */
export function commandFaultOf(reason: string): CommandFault | undefined {
  if (/\bchdir\b/i.test(reason)) return "no-workdir";
  // A mount that does not fit ends in the same words.
  const isCommands = /exec: "|exec container process|crun: (?:open|exec|the path|executable file|cannot find) `/i.test(
    reason,
  );
  if (isCommands && /argument list too long|file name too long|not a directory|exec format error/i.test(reason))
    return "too-large";
  // For a missing mount or device docker exits with 127, too: oneoff keeps that code for commands.
  const isMounts = !isCommands && /\bmount(?:ing|ed)?\b|\bdevice\b/i.test(reason);
  if (/executable file .*not found|no such file or directory/i.test(reason) && !isMounts) return "not-found";
  if (/permission denied|is a directory/i.test(reason)) return "not-executable";
  return undefined;
}
