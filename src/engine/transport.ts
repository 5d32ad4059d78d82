import type { Readable } from "node:stream";
import { badAnswer } from "../errors/engine.ts";
import { queryPath } from "../streams/path-bytes.ts";
import { type ClientSettings, PLAIN } from "./client-settings.ts";
import { type EngineClock, engineClock } from "./clock.ts";
import { type Dial, dial } from "./endpoint/dial.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { type PingWatchdog, startPingWatchdog } from "./endpoint/ping-watchdog.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { NO_MEMORY, negotiation, type VersionMemory } from "./negotiation.ts";
import { openPools, type Pools } from "./pools.ts";
import { COMMON, type EngineQuirks, quirksOf } from "./quirks.ts";
import { refusalOf } from "./refusal.ts";
import { API_VERSION, type EngineResponse, errorBody, header, toResponse } from "./response.ts";
import { ENGINE_TIMEOUTS_MS, type EngineTimeouts } from "./timeouts.ts";

export interface EngineRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** Without the version: `/containers/create`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Additional headers by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /**
   * Streamed instead of `body`; `send` rethrows its errors. The memory of a block of
   * 256 KiB or more may be reused when the next block is requested: it exceeds the buffer of a socket, and no block
   * is requested before the kernel has accepted the previous one.
   */
  readonly stream?: () => AsyncIterable<Uint8Array>;
  /** Aborts the request; `send` then throws its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the body is a long-lived stream that may pause for hours. Other bodies have a timeout. */
  readonly isOpenEnded?: boolean;
}

/** The HTTP client of one engine. */
export interface Transport extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly connect: Dial;
  readonly settings: ClientSettings;
  /** The API version in use: the configured version, until the engine requires another. */
  readonly version: string;
  /** Properties of the engine, known from its answers. */
  readonly quirks: EngineQuirks;
  readonly clock: EngineClock;
  readonly timeoutsMs: EngineTimeouts;
  /** Whether the engine has no init binary. */
  lacksInit: boolean;
  /** Records properties of the engine from an answer. */
  recognize(server: string | undefined): void;
  /** Adopts the version of the engine; throws if the engine is too old. */
  renegotiate(status: number, asked: string, engine: string | undefined): boolean;
  send(request: EngineRequest): Promise<EngineResponse>;
}

/**
 * @param resolve called by the first request: commands that need no engine do not fail without one.
 * @param connect replaces the connection to the endpoint. @param readSettings called like `resolve`.
 */
export function openTransport(
  resolve: () => Endpoint,
  {
    connect = dial,
    readSettings = () => PLAIN,
    clock = engineClock(),
    timeoutsMs,
    versions = NO_MEMORY,
  }: {
    readonly connect?: Dial;
    readonly readSettings?: () => ClientSettings;
    readonly clock?: EngineClock;
    readonly timeoutsMs?: Partial<EngineTimeouts> | undefined;
    readonly versions?: VersionMemory;
  } = {},
): Transport {
  let endpoint: Endpoint | undefined;
  let pools: Pools | undefined;
  let settings: ClientSettings | undefined;
  let quirks: EngineQuirks | undefined;
  let hasAnswered = false;
  let watchdog: PingWatchdog | undefined;

  /** Detects an engine that does not respond, until the first answer. */
  const untilFirstAnswer = async <T>(answer: Promise<T>): Promise<T> => {
    if (hasAnswered) return answer;
    watchdog ??= startPingWatchdog(transport.endpoint, connect);
    const first = await Promise.race([answer, watchdog.failure]);
    hasAnswered = true;
    watchdog[Symbol.dispose]();
    return first;
  };

  const transport: Transport = {
    get endpoint() {
      endpoint ??= resolve();
      return endpoint;
    },
    get settings() {
      settings ??= readSettings();
      return settings;
    },
    get version() {
      return negotiated.version;
    },
    get quirks() {
      return quirks ?? COMMON;
    },
    connect,
    clock,
    timeoutsMs: { ...ENGINE_TIMEOUTS_MS, ...timeoutsMs },
    lacksInit: false,
    recognize(server) {
      quirks ??= quirksOf(server);
    },
    renegotiate: (status, asked, engine) => negotiated.renegotiate(status, asked, engine),
    async send(request) {
      const asked = request.method === "GET" ? negotiated.guess : negotiated.version;
      pools ??= openPools(transport.endpoint, connect);
      const response = await untilFirstAnswer(exchange(pools, transport, asked, request));
      transport.recognize(header(response, "server"));
      clock.note(header(response, "date"));
      const { statusCode } = response;
      const apiVersion = header(response, API_VERSION);
      const discard = () => response.body.on("error", () => {}).destroy();
      if (negotiated.disprove(asked, apiVersion)) {
        discard();
        return transport.send(request);
      }
      if (statusCode < 200 || statusCode > 599) {
        discard();
        throw badAnswer(request, `expected a status of 200 to 599, found ${statusCode}`);
      }
      if (statusCode < 400) return toResponse(transport.endpoint, request, response);
      const body = await errorBody(transport.endpoint, response);
      if (transport.renegotiate(response.statusCode, asked, apiVersion)) return transport.send(request);
      throw refusalOf(transport.endpoint, request, { status: response.statusCode, apiVersion, body });
    },
    async [Symbol.asyncDispose]() {
      watchdog?.[Symbol.dispose]();
      await pools?.destroy();
    },
  };
  const negotiated = negotiation(transport, versions);
  return transport;
}

async function exchange(pools: Pools, transport: Transport, version: string, request: EngineRequest) {
  const { endpoint, settings, timeoutsMs } = transport;
  try {
    return await pools.request(request, {
      method: request.method,
      path: pathAt(endpoint, version, request),
      headers: {
        ...settings.headers,
        ...request.headers,
        ...(request.body !== undefined && { "content-type": "application/json" }),
        ...(request.stream && { "content-type": "application/x-tar" }),
      },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      // Undici accepts any iterable, but its types only a stream.
      ...(request.stream && { body: request.stream() as unknown as Readable }),
      ...(request.signal && { signal: request.signal }),
      bodyTimeout: request.isOpenEnded ? 0 : timeoutsMs.body,
    });
  } catch (error) {
    request.signal?.throwIfAborted();
    throw unreachable(endpoint, error);
  }
}

/** The path of a request, with the base path of the endpoint. */
export const pathAt = (endpoint: Endpoint, version: string, request: Parameters<typeof versionedPath>[1]) =>
  `${"basePath" in endpoint ? endpoint.basePath : ""}${versionedPath(version, request)}`;

/** @param path may contain an encoded query. */
export function versionedPath(version: string, { path, query = {} }: Pick<EngineRequest, "path" | "query">): string {
  const search = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${queryPath(String(value))}`)
    .join("&");
  return `/v${version}${path}${search && `${path.includes("?") ? "&" : "?"}${search}`}`;
}
