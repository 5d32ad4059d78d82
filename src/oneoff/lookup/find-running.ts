import { type Launcher, launcherOf } from "../../app/buildpacks.ts";
import type { Transport } from "../../engine/transport.ts";
import { isNoOneoff, nothingRuns } from "../../errors/oneoff.ts";
import { paused } from "../../errors/session.ts";
import { oneoffName } from "../../identity/names.ts";
import { containerNameOf } from "../../identity/ownership.ts";
import { type Candidate, choose, partsOf } from "../apps/candidates.ts";
import { findCandidates } from "../apps/find.ts";
import { findProcess } from "../apps/find-process.ts";
import { findOneoff } from "./find-oneoff.ts";
import { isLive } from "./oneoff.ts";

/** A container in which something runs. */
export interface Running {
  readonly id: string;
  /** As oneoff takes it: `run.7364`. */
  readonly name: string;
  /** As the engine takes it. */
  readonly containerName: string;
  readonly launcher?: Launcher | undefined;
}

/**
 * What a word means: a one-off; else a process of an app, `web` before others; else, as in `my-app.worker`, one of the
 * process type behind the last dot; or one process by the name that `ps` prints.
 * @throws OneoffError when nothing that is meant runs.
 */
export async function findRunning(engine: Transport, word: string): Promise<Running> {
  if (oneoffName(word) || /\.run\.\d{4,}(\.left)?$|^[0-9a-f]{12,64}$/.test(word)) return findOneoff(engine, word);
  const [, app = "", type] = /^(.+)\.([^.]+)$/.exec(word) ?? [];
  const found = runningOf(word, await findCandidates(engine, word));
  const one = found ?? (app && runningOf(app, await findCandidates(engine, app), type));
  if (one) return one;
  const process = await findProcess(engine, word, { byContainer: false });
  if (process) {
    if (!isLive(process)) throw nothingRuns(word);
    return { ...process, name: process.containerName };
  }
  try {
    // One that was given a name of its own.
    return await findOneoff(engine, word);
  } catch (error) {
    throw isNoOneoff(error) ? nothingRuns(word) : error;
  }
}

/**
 * The process of an app that a command is run in.
 * @throws OneoffError when what it would be is paused.
 */
export function runningOf(name: string, candidates: readonly Candidate[], type?: string): Running | undefined {
  const chosen = (state: string) => {
    const able = candidates.filter(
      ({ container, type: its }) => container.State === state && (type === undefined || its === type),
    );
    return choose(partsOf(name).name, able)?.container;
  };
  const container = chosen("running") ?? chosen("paused");
  if (!container) return undefined;
  const containerName = containerNameOf(container);
  if (container.State === "paused") throw paused(containerName);
  const launcher = launcherOf({ labels: container.Labels });
  return { id: container.Id, name: containerName, containerName, launcher };
}
