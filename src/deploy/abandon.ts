import { deployAbandoned } from "../errors/deploy.ts";
import { exitCodeOf, FATAL_SIGNALS } from "../terminal/signals.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The engine may no longer respond: at this signal the deploy leaves everything as it is for the next one. */
const SIGNALS_TO_ABANDON = 3;

/**
 * Does something until it ends, or until several signals ask for an end.
 * @throws what the work throws; at the last signal, OneoffError with exit code 128+n.
 */
export async function abandonOnSignals<T>(terminal: Pick<Terminal, "onSignal">, work: () => Promise<T>): Promise<T> {
  const abandoned = Promise.withResolvers<never>();
  let signals = 0;
  using _signals = terminal.onSignal((signal) => {
    if (!FATAL_SIGNALS.has(signal)) return;
    signals += 1;
    if (signals === SIGNALS_TO_ABANDON) abandoned.reject(deployAbandoned(signal, exitCodeOf(signal)));
  });
  return await Promise.race([work(), abandoned.promise]);
}
