import type { Dispatcher } from "undici";
import { badAnswer, notAnEngine } from "../errors/engine.ts";
import { readUpTo } from "../streams/body.ts";
import { type Endpoint, placeOf } from "./endpoint/endpoint.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import type { Shape } from "./shapes.ts";

export interface EngineResponse {
  readonly status: number;
  /** @param name in lower case. */
  header(name: string): string | undefined;
  /** @throws OneoffError for an invalid body. */
  json<T>(shape: Shape): Promise<T>;
  /** The body as a stream. The caller must read it to its end or destroy it. */
  readonly stream: Dispatcher.ResponseData["body"];
  /** Discards the body, so that the connection can be reused. */
  drop(): Promise<void>;
}

export const API_VERSION = "api-version";

/** In bytes. */
const MAX_ERROR_BODY = 64 * 1024;
const MAX_JSON = 256 * 1024 * 1024;

export function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function textOf(endpoint: Endpoint, { body }: Dispatcher.ResponseData, limit: number) {
  try {
    return await readUpTo(body, limit);
  } catch (error) {
    throw unreachable(endpoint, error);
  }
}

/** Maximum size of an error body. */
export const errorBody = async (endpoint: Endpoint, response: Dispatcher.ResponseData): Promise<string> =>
  (await textOf(endpoint, response, MAX_ERROR_BODY)).text();

export const toResponse = (
  endpoint: Endpoint,
  request: { readonly method: string; readonly path: string },
  response: Dispatcher.ResponseData,
): EngineResponse => ({
  status: response.statusCode,
  header: (name) => header(response, name),
  async json<T>(shape: Shape) {
    const answer = await textOf(endpoint, response, MAX_JSON);
    if (!answer.whole) throw badAnswer(request, `expected at most ${MAX_JSON} bytes`);
    const text = answer.text();
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw header(response, API_VERSION) === undefined
        ? notAnEngine(placeOf(endpoint), response.statusCode, text)
        : badAnswer(request, "expected JSON", text.trim());
    }
    const problem = shape(value, "");
    if (problem !== undefined) throw badAnswer(request, problem);
    return value as T;
  },
  stream: response.body,
  drop: () => response.body.dump(),
});
