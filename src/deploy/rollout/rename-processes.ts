import { inspectContainer, renameContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { NEW_SUFFIX, OLD_SUFFIX } from "../../identity/names.ts";
import type { HealthContext } from "./health.ts";
import { processContainerName } from "./process-spec.ts";
import { reportFailure } from "./report-failure.ts";
import type { RunningProcess } from "./running-processes.ts";
import type { Candidate } from "./start-process.ts";

/** Gives the names of the old processes to the candidates. Ignores the abort signal: renaming lasts a moment only. */
export async function renameProcesses(
  context: HealthContext,
  app: string,
  old: readonly RunningProcess[],
  candidates: readonly Candidate[],
  undo: AsyncDisposableStack,
): Promise<void> {
  const { engine } = context;
  const rename = async (id: string, name: string, from: string, to: string) => {
    const base = processContainerName(app, name);
    // Deferred before the request: if the answer is lost, the engine may still have renamed the container.
    undo.defer(() =>
      reportFailure(context, { app, name }, "renamed", renameBack(engine, id, `${base}${to}`, `${base}${from}`)),
    );
    await renameContainer(engine, id, `${base}${to}`);
  };
  for (const { id, name } of old) await rename(id, name, "", OLD_SUFFIX);
  for (const { id, name } of candidates) await rename(id, name, NEW_SUFFIX, "");
}

async function renameBack(engine: Transport, id: string, currentName: string, previousName: string): Promise<void> {
  const { Name } = await inspectContainer(engine, id);
  if (Name.replace(/^\//, "") === currentName) await renameContainer(engine, id, previousName);
}
