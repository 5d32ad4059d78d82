import { engineRefused, engineTooNew, notAnEngine, proxyRefused, reach, unreachableEngine } from "../errors.ts";
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
