import { deployAbandoned } from "../errors/deploy.ts";
import { exitCodeOf, FATAL_SIGNALS } from "../terminal/signals.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The engine may not respond. At this signal the deploy stops waiting and leaves the clean-up to the next deploy. */
const SIGNALS_TO_ABANDON = 3;

/**
 * Runs work until it ends or `SIGNALS_TO_ABANDON` signals were received.
 * @throws the error of the work; OneoffError with exit code 128+n at the last signal.
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
