import type { Duplex } from "node:stream";
import { reach, unreachableEngine } from "../../errors/connection.ts";
import type { Dial } from "./dial.ts";
import { type Address, authorityOf, placeOf } from "./endpoint.ts";

/** Time without an answer before a ping. */
const PING_DELAY_MS = 3_000;

const PING_TIMEOUT_MS = 6_000;

/** Watches an engine that has not answered yet, until disposed. */
export interface PingWatchdog extends Disposable {
  /** Rejects if the engine does not answer the ping. */
  readonly failure: Promise<never>;
}

/**
 * Distinguishes an engine that accepts connections without answering from a slow one, which answers a ping over a
 * separate connection while another request takes long.
 */
export function startPingWatchdog(address: Address, dial: Dial): PingWatchdog {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let ping: Duplex | undefined;
  let timer = setTimeout(sendPing, PING_DELAY_MS);

  async function sendPing() {
    timer = setTimeout(
      () => failure.reject(unreachableEngine(placeOf(address), reach.silent(), undefined)),
      PING_TIMEOUT_MS,
    );
    const onData = () => {
      clearTimeout(timer);
      return false;
    };
    try {
      ping = await dial(address, { onData });
      ping.on("error", () => {});
      const path = "basePath" in address ? address.basePath : "";
      ping.write(`GET ${path}/_ping HTTP/1.1\r\nHost: ${authorityOf(address)}\r\nConnection: close\r\n\r\n`);
    } catch (error) {
      failure.reject(error);
    }
  }

  return {
    failure: failure.promise,
    [Symbol.dispose]() {
      clearTimeout(timer);
      ping?.destroy();
    },
  };
}
