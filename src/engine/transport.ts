import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { badAnswer, engineTooOld } from "../errors/engine.ts";
import { queryPath } from "../streams/path-bytes.ts";
import { type ClientSettings, PLAIN } from "./client-settings.ts";
import { type EngineClock, engineClock } from "./clock.ts";
import { COMMON, type Dialect, dialectOf } from "./dialect.ts";
import { type Dial, dial } from "./endpoint/dial.ts";
import type { Endpoint } from "./endpoint/endpoint.ts";
import { type Silence, watchSilence } from "./endpoint/silence.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { openPools, type Pools } from "./pools.ts";
import { refusalOf } from "./refusal.ts";
import { API_VERSION, type EngineResponse, errorBody, header, toResponse } from "./response.ts";
import { ENGINE_TIMEOUTS_MS, type EngineTimeouts } from "./timeouts.ts";
import { compareVersions, FLOOR, renegotiate } from "./version.ts";

export interface EngineRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** Without the version: `/containers/create`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Besides what is always sent, by names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /**
   * What is sent in place of `body`, as long as it comes; what it throws is thrown by `send`. The memory of a block of
   * 256 KiB or more may be used again once the next one is asked for: it is more than a socket wants to buffer, and nothing
   * is asked for before the kernel has all of it.
   */
  readonly stream?: () => AsyncIterable<Uint8Array>;
  /** Breaks the connection off; `send` then throws its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the body lasts as long as what it reports, and may pause for hours. Others come at once, and time out. */
  readonly isOpenEnded?: boolean;
}

/** Everything that talks HTTP to one engine. */
export interface Transport extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly settings: ClientSettings;
  /** The API version in use: the one of the settings, until the engine has asked for another. */
  readonly version: string;
  /** What the engine is, as far as it has answered. */
  readonly dialect: Dialect;
  readonly clock: EngineClock;
  readonly timeoutsMs: EngineTimeouts;
  /** Whether it has refused to start a container for the lack of an init. */
  lacksInit: boolean;
  /** Takes from an answer of the engine what it is. */
  recognize(server: string | undefined): void;
  /** Takes the engine's version over; throws when the engine is older than what is supported. */
  renegotiate(status: number, asked: string, engine: string | undefined): boolean;
  send(request: EngineRequest): Promise<EngineResponse>;
}

/**
 * @param resolve asked for the endpoint by the first request: what needs no engine does not fail for the lack of one.
 * @param connect how a connection is made, where it is not to the endpoint. @param tell asked like `resolve`.
 */
export function openTransport(
  resolve: () => Endpoint,
  {
    connect = dial,
    tell = () => PLAIN,
    clock = engineClock(),
    timeoutsMs,
  }: {
    readonly connect?: Dial;
    readonly tell?: () => ClientSettings;
    readonly clock?: EngineClock;
    readonly timeoutsMs?: Partial<EngineTimeouts>;
  } = {},
): Transport {
  let endpoint: Endpoint | undefined;
  let pools: Pools | undefined;
  let told: ClientSettings | undefined;
  let version: string | undefined;
  let dialect: Dialect | undefined;
  let isHeard = false;
  let silence: Silence | undefined;

  /** What it takes to notice that nobody is there, until an answer has come. */
  const heard = async <T>(answer: Promise<T>): Promise<T> => {
    if (isHeard) return answer;
    silence ??= watchSilence(transport.endpoint, connect);
    const first = await Promise.race([answer, silence.lasts]);
    isHeard = true;
    silence[Symbol.dispose]();
    return first;
  };

  const transport: Transport = {
    get endpoint() {
      endpoint ??= resolve();
      return endpoint;
    },
    get settings() {
      told ??= tell();
      return told;
    },
    get version() {
      return version ?? transport.settings.version;
    },
    get dialect() {
      return dialect ?? COMMON;
    },
    clock,
    timeoutsMs: { ...ENGINE_TIMEOUTS_MS, ...timeoutsMs },
    lacksInit: false,
    recognize(server) {
      dialect ??= dialectOf(server);
    },
    renegotiate(status, asked, engine) {
      const next = renegotiate(status, asked, engine);
      if (next === undefined) return false;
      if (compareVersions(next, FLOOR) < 0) throw engineTooOld(next, FLOOR);
      version = next;
      return true;
    },
    async send(request) {
      const asked = transport.version;
      pools ??= openPools(transport.endpoint, connect);
      const response = await heard(exchange(pools.for(request), transport, asked, request));
      transport.recognize(header(response, "server"));
      clock.note(header(response, "date"));
      const { statusCode } = response;
      if (statusCode < 200 || statusCode > 599) {
        response.body.on("error", () => {}).destroy();
        throw badAnswer(request, `expected a status of 200 to 599, found ${statusCode}`);
      }
      if (statusCode < 400) return toResponse(transport.endpoint, request, response);
      const body = await errorBody(transport.endpoint, response);
      const apiVersion = header(response, API_VERSION);
      if (transport.renegotiate(response.statusCode, asked, apiVersion)) return transport.send(request);
      throw refusalOf(transport.endpoint, request, { status: response.statusCode, apiVersion, body });
    },
    async [Symbol.asyncDispose]() {
      silence?.[Symbol.dispose]();
      await pools?.destroy();
    },
  };
  return transport;
}

async function exchange(pool: Dispatcher, transport: Transport, version: string, request: EngineRequest) {
  const { endpoint, settings, timeoutsMs } = transport;
  try {
    return await pool.request({
      method: request.method,
      path: pathAt(endpoint, version, request),
      headers: {
        ...settings.headers,
        ...request.headers,
        ...(request.body !== undefined && { "content-type": "application/json" }),
        ...(request.stream && { "content-type": "application/x-tar" }),
      },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      // Undici takes anything that can be iterated over, its types only a stream.
      ...(request.stream && { body: request.stream() as unknown as Readable }),
      ...(request.signal && { signal: request.signal }),
      bodyTimeout: request.isOpenEnded ? 0 : timeoutsMs.body,
    });
  } catch (error) {
    request.signal?.throwIfAborted();
    throw unreachable(endpoint, error);
  }
}

/** The path of a request as it is sent to an engine, which need not be at the root of what is there. */
export const pathAt = (endpoint: Endpoint, version: string, request: Parameters<typeof versionedPath>[1]) =>
  `${"basePath" in endpoint ? endpoint.basePath : ""}${versionedPath(version, request)}`;

/** @param path may have a query of its own, written as it is to be sent. */
export function versionedPath(version: string, { path, query = {} }: Pick<EngineRequest, "path" | "query">): string {
  const search = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${queryPath(String(value))}`)
    .join("&");
  return `/v${version}${path}${search && `${path.includes("?") ? "&" : "?"}${search}`}`;
}
