import type { Duplex } from "node:stream";
import { reach, unreachableEngine } from "../../errors/reach.ts";
import type { Dial } from "./dial.ts";
import { type Address, authorityOf, placeOf } from "./endpoint.ts";

/** How long an engine that has never answered may be silent before it is asked for a sign of life, in milliseconds. */
const QUIET = 3_000;

/** How long it may take over that, in milliseconds. */
const PATIENCE = 6_000;

/** Watches over an engine that has not answered yet, until disposed of. */
export interface Silence extends Disposable {
  /** Rejects when it gives no sign of life. */
  readonly lasts: Promise<never>;
}

/**
 * Tells an engine that takes connections and says nothing from one that is slow: that one answers a ping over a
 * connection of its own, however long another request may take.
 */
export function watchSilence(address: Address, dial: Dial): Silence {
  const lasts = Promise.withResolvers<never>();
  lasts.promise.catch(() => {});
  let ping: Duplex | undefined;
  let timer = setTimeout(ask, QUIET);

  async function ask() {
    timer = setTimeout(() => lasts.reject(unreachableEngine(placeOf(address), reach.silent(), undefined)), PATIENCE);
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
