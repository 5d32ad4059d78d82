import { collectFinished } from "../journal/finished-oneoffs.ts";
import type { Journal } from "../journal/journal.ts";
import { findInJournal } from "./log-scope.ts";

export interface RemovedExit {
  /** `run.7364` */
  readonly name: string;
  readonly code: number;
}

/**
 * Finds the exit code of a one-off whose container was removed.
 * @returns undefined if the word matches none, or the journal has no exit code.
 */
export function findRemovedExit(journal: Journal, word: string, app: string | undefined): RemovedExit | undefined {
  const known = findInJournal(journal, word, app);
  if (!known) return undefined;
  const entries = journal.read(known.app).filter(({ containerId }) => containerId === known.id);
  const code = collectFinished(entries, new Set()).at(0)?.code;
  return code === undefined ? undefined : { name: known.name, code };
}
