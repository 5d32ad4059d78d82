import type { Transport } from "../../engine/transport.ts";
import { isNoOneoff } from "../../errors/oneoff.ts";
import { oneoffName } from "../../identity/names.ts";
import { findCandidates } from "../apps/find.ts";
import { type AppProcess, findProcess } from "../apps/find-process.ts";
import { findOneoff } from "./find-oneoff.ts";
import { selectRunning } from "./find-running.ts";
import type { Oneoff } from "./oneoff.ts";

/**
 * Finds a one-off; else a process of an app by the name that `ps` prints or by its container's name; else the process that
 * `exec` selects for an app.
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
    const find = (name: string) => findProcess(engine, name, { app, byContainer: true });
    const named = await find(word);
    const running = named ? undefined : selectRunning(word, await findCandidates(engine, word));
    const process = running ? await find(running.name) : named;
    if (!process) throw error;
    return { ...process, name: word };
  }
}
