import { type Launcher, launcherOf } from "../../app/buildpacks.ts";
import type { Transport } from "../../engine/transport.ts";
import { isNoOneoff, noRunningContainer } from "../../errors/oneoff.ts";
import { paused } from "../../errors/session.ts";
import { isOneoffContainerName, oneoffName } from "../../identity/names.ts";
import { containerNameOf } from "../../identity/ownership.ts";
import { type Candidate, chooseContainer } from "../apps/candidates.ts";
import { findCandidates, unqualifiedName } from "../apps/find.ts";
import { findProcess } from "../apps/find-process.ts";
import type { Files } from "../apps/manifest-file.ts";
import { requireSameProject } from "../apps/other-project.ts";
import { findOneoff } from "./find-oneoff.ts";
import { isLive } from "./oneoff.ts";

/** A running container to execute a command in. */
export interface RunningContainer {
  readonly id: string;
  /** The name for oneoff: `run.7364`. */
  readonly name: string;
  /** The name for the engine. */
  readonly containerName: string;
  readonly launcher?: Launcher | undefined;
}

/**
 * Finds a one-off; else a process of an app, preferably `web`; else a process of the type after the last dot, e.g.
 * `my-app.worker`; or a process by the name that `ps` prints.
 * @throws OneoffError if none is running.
 */
export async function findRunning(engine: Transport, word: string, files: Files): Promise<RunningContainer> {
  if (oneoffName(word) || isOneoffContainerName(word) || /^[0-9a-f]{12,64}$/.test(word))
    return findOneoff(engine, word);
  const [, app = "", type] = /^(.+)\.([^.]+)$/.exec(word) ?? [];
  for (const [name, processType] of [[word], ...(app ? [[app, type] as const] : [])] as const) {
    const candidate = selectRunning(name, await findCandidates(engine, name), processType);
    if (!candidate) continue;
    await requireSameProject(name, { candidate }, files, "exec");
    return toRunning(candidate);
  }
  const process = await findProcess(engine, word, { byContainer: false });
  if (process) {
    if (!isLive(process)) throw noRunningContainer(word);
    return { ...process, name: process.containerName };
  }
  try {
    // A one-off with a name set by the user.
    return await findOneoff(engine, word);
  } catch (error) {
    throw isNoOneoff(error) ? noRunningContainer(word) : error;
  }
}

/** Selects the process of an app to execute a command in. */
function selectRunning(name: string, candidates: readonly Candidate[], type?: string): Candidate | undefined {
  const select = (state: string) => {
    const eligible = candidates.filter(
      ({ container, type: processType }) => container.State === state && (type === undefined || processType === type),
    );
    return chooseContainer(unqualifiedName(name), eligible, "exec");
  };
  return select("running") ?? select("paused");
}

/** @throws OneoffError if it is paused. */
function toRunning({ container }: Candidate): RunningContainer {
  const containerName = containerNameOf(container);
  if (container.State === "paused") throw paused(containerName);
  const launcher = launcherOf({ labels: container.Labels });
  return { id: container.Id, name: containerName, containerName, launcher };
}
