import type { Duplex } from "node:stream";
import { reach, unreachableEngine } from "../../errors/reach.ts";
import type { Dial } from "./dial.ts";
import { type Address, authorityOf, placeOf } from "./endpoint.ts";

/** Time without an answer before a ping, in milliseconds. */
const QUIET_MS = 3_000;

/** Timeout of the ping, in milliseconds. */
const PING_TIMEOUT_MS = 6_000;

/** Watches an engine that has not answered yet, until disposed. */
export interface Silence extends Disposable {
  /** Rejects if the engine does not answer the ping. */
  readonly lasts: Promise<never>;
}

/**
 * Distinguishes an engine that accepts connections without answering from a slow one, which answers a ping over a
 * separate connection while another request takes long.
 */
export function watchSilence(address: Address, dial: Dial): Silence {
  const lasts = Promise.withResolvers<never>();
  lasts.promise.catch(() => {});
  let ping: Duplex | undefined;
  let timer = setTimeout(ask, QUIET_MS);

  async function ask() {
    timer = setTimeout(
      () => lasts.reject(unreachableEngine(placeOf(address), reach.silent(), undefined)),
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
      lasts.reject(error);
    }
  }

  return {
    lasts: lasts.promise,
    [Symbol.dispose]() {
      clearTimeout(timer);
      ping?.destroy();
    },
  };
}
