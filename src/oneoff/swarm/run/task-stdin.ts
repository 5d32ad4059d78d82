import { setTimeout as pause } from "node:timers/promises";
import { warning } from "../../../errors/error.ts";
import { noTaskStdin, unusedStdin } from "../../../errors/swarm-task.ts";
import type { Report } from "../../../output/events.ts";
import type { Terminal } from "../../../terminal/terminal.ts";
import type { OneoffSpec } from "../../spec/spec.ts";

/** How long a writer of a pipe has to show itself. */
const FIRST_DATA_TIMEOUT_MS = 50;

/**
 * Refuses data in a pipe on stdin. A pipe that nothing writes to is accepted, because CI services have one; later data is
 * reported until disposed. @param instead the change that gets further.
 */
export async function refusePipedData(
  { terminal, report }: { readonly terminal: Terminal; readonly report: Report },
  { stdin }: Pick<OneoffSpec, "stdin">,
  instead: string,
): Promise<Disposable> {
  if (!stdin || terminal.input !== "pipe") return { [Symbol.dispose]: () => {} };
  const pipe = terminal.openPipe();
  let isAccepted = false;
  const data = Promise.withResolvers<true>();
  const ended = pipe.read(() => {
    data.resolve(true);
    if (isAccepted) report(warning(unusedStdin()));
    // One warning is enough: the writer waits, as for a command that does not read.
    return false;
  });
  const hasData = await Promise.race([data.promise, ended, pause(FIRST_DATA_TIMEOUT_MS)]);
  isAccepted = true;
  if (hasData) {
    pipe[Symbol.dispose]();
    throw noTaskStdin("stdin", instead);
  }
  return pipe;
}
