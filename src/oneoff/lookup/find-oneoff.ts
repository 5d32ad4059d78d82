import { listContainers } from "../../engine/containers.ts";
import { inDialect } from "../../engine/dialect.ts";
import type { Transport } from "../../engine/transport.ts";
import { ambiguousOneoff, notOneoff, unknownOneoff } from "../../errors/oneoff.ts";
import { excludeCopies } from "../../identity/copies.ts";
import { LABEL } from "../../identity/labels.ts";
import { detachedName, oneoffName } from "../../identity/names.ts";
import { isOwn, listOwn } from "../../identity/ownership.ts";
import { type Oneoff, toOneoff } from "./oneoff.ts";

const isOneoff = `${LABEL.kind}=run`;

/** In the engine's words. What it is just removing is in neither. */
const LIVE = ["created", "running", "paused", "restarting"];
const ENDED = ["exited", "dead"];

/** Those of one app, or all. */
export async function listOneoffs(engine: Transport, app?: string, which: "all" | "live" = "all"): Promise<Oneoff[]> {
  return (await listContainersOf(engine, app, which)).map(toOneoff);
}

/** The same for what ends them. */
export async function listOneoffsForSure(engine: Transport, app?: string): Promise<Oneoff[]> {
  return (await excludeCopies(engine, await listContainersOf(engine, app, "all"))).map(toOneoff);
}

async function listContainersOf(engine: Transport, app: string | undefined, which: "all" | "live") {
  const label = app === undefined ? [isOneoff] : [isOneoff, `${LABEL.app}=${app}`];
  const status = which === "live" ? LIVE : [...LIVE, ...ENDED];
  const found = await inDialect(engine, ({ filtersStates }) =>
    listOwn(engine, { label, ...(filtersStates && { status }) }),
  );
  return found.filter(({ State }) => status.includes(State));
}

/**
 * The one-off that a word means: `run.7364`, `7364`, its container's name or id.
 * @throws OneoffError when there is none, or several, or the container is none of ours.
 */
export async function findOneoff(engine: Transport, word: string, app?: string): Promise<Oneoff> {
  const name = oneoffName(word);
  if (name !== undefined) {
    const label = [isOneoff, `${LABEL.name}=${name}`, ...(app === undefined ? [] : [`${LABEL.app}=${app}`])];
    return only(word, app, (await listOwn(engine, { label })).map(toOneoff));
  }
  const isId = /^[0-9a-f]{12,64}$/.test(word);
  // The engine takes a name as a pattern. One that was left has another name than the one that it was given.
  const pattern = (name: string) => `^${name.replaceAll(/[^\w-]/g, "\\$&")}$`;
  const filter = isId ? { id: [word] } : { name: [pattern(word), pattern(detachedName(word))] };
  const found = await listContainers(engine, filter);
  const ours = found.filter((one) => isOwn(one) && one.Labels[LABEL.kind] === "run").map(toOneoff);
  if (found.length > 0 && ours.length === 0) throw notOneoff(word);
  const exact = ours.filter(({ containerName }) => containerName === word);
  const meant = exact.length > 0 ? exact : ours;
  return only(
    word,
    app,
    meant.filter((one) => app === undefined || one.app === app),
  );
}

function only(word: string, app: string | undefined, found: readonly Oneoff[]): Oneoff {
  const [one, ...others] = found;
  if (one === undefined) throw unknownOneoff(word, app);
  if (others.length > 0) throw ambiguousOneoff(word, found.map(({ containerName }) => containerName).sort());
  return one;
}
