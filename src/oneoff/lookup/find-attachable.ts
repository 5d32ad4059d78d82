import type { Transport } from "../../engine/transport.ts";
import { isNoOneoff, noLiveOneoff, severalOneoffs } from "../../errors/oneoff.ts";
import { oneoffName } from "../../identity/names.ts";
import { findCandidates, unqualifiedName } from "../apps/find.ts";
import { type AppProcess, findProcess } from "../apps/find-process.ts";
import { findOneoff, listOneoffs } from "./find-oneoff.ts";
import { isLive, type Oneoff } from "./oneoff.ts";

/**
 * Finds a one-off; else a process of an app by the name that `ps` prints or by its container's name; else the only
 * running one-off of an app.
 * @throws OneoffError if none or several match.
 */
export async function findAttachable(
  engine: Transport,
  word: string,
  app: string | undefined,
): Promise<Oneoff | AppProcess> {
  try {
    return await findOneoff(engine, word, app);
  } catch (error) {
    if (!isNoOneoff(error) || oneoffName(word) !== undefined) throw error;
    const process = await findProcess(engine, word, { app, byContainer: true });
    const named = process && { ...process, name: word };
    // A container without a deployer has the name of its app, which may have one-offs.
    if (named && named.from !== "container") return named;
    const oneoffs = app === undefined ? await listOneoffs(engine, unqualifiedName(word)) : [];
    const [live, ...others] = oneoffs.filter(isLive);
    if (live && others.length === 0) return live;
    if (named) return named;
    if (live) throw severalOneoffs(live.app, [live, ...others]);
    const hasProcesses = app === undefined && (await findCandidates(engine, word)).length > 0;
    throw hasProcesses || oneoffs.length > 0 ? noLiveOneoff(word, hasProcesses) : error;
  }
}
