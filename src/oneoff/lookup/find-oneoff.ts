import { listContainers } from "../../engine/containers.ts";
import { withQuirks } from "../../engine/quirks.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { ambiguousOneoff, notOneoff, unknownOneoff } from "../../errors/oneoff.ts";
import { LABEL } from "../../identity/labels.ts";
import { detachedName, oneoffName } from "../../identity/names.ts";
import { isOwn, listOwn } from "../../identity/ownership.ts";
import { excludeCopies } from "../../identity/verify-ownership.ts";
import { type Oneoff, toOneoff } from "./oneoff.ts";

const isOneoff = `${LABEL.kind}=run`;

/** The engine's states. Containers that are being removed have neither. */
const LIVE = ["created", "running", "paused", "restarting"];
const EXITED = ["exited", "dead"];

/** Lists the one-offs of an app, or all. */
export async function listOneoffs(engine: Transport, app?: string, which: "all" | "live" = "all"): Promise<Oneoff[]> {
  return (await listContainersOf(engine, app, which)).map(toOneoff);
}

/** The one-offs in a list of all containers. */
export const oneoffsAmong = (containers: readonly ContainerSummary[]): Oneoff[] =>
  containers
    .filter((one) => isOwn(one) && one.Labels[LABEL.kind] === "run" && [...LIVE, ...EXITED].includes(one.State))
    .map(toOneoff);

/** Lists one-offs without copies of them, for commands that stop or remove. */
export async function listVerifiedOneoffs(engine: Transport, app?: string): Promise<Oneoff[]> {
  return (await excludeCopies(engine, await listContainersOf(engine, app, "all"))).map(toOneoff);
}

/** Lists the containers that have not exited. */
export const listLiveContainers = (engine: Transport): Promise<ContainerSummary[]> => listInStates(engine, {}, LIVE);

async function listContainersOf(engine: Transport, app: string | undefined, which: "all" | "live") {
  const label = app === undefined ? [isOneoff] : [isOneoff, `${LABEL.app}=${app}`];
  return (await listInStates(engine, { label }, which === "live" ? LIVE : [...LIVE, ...EXITED])).filter(isOwn);
}

async function listInStates(
  engine: Transport,
  filters: { readonly label?: readonly string[] },
  status: readonly string[],
): Promise<ContainerSummary[]> {
  const containers = await withQuirks(engine, ({ filtersStates }) =>
    listContainers(engine, { ...filters, ...(filtersStates && { status }) }),
  );
  return containers.filter(({ State }) => status.includes(State));
}

/**
 * Finds a one-off by `run.7364`, `7364`, its container's name or id.
 * @throws OneoffError if none or several match, or if the container is not a one-off.
 */
export async function findOneoff(engine: Transport, word: string, app?: string): Promise<Oneoff> {
  const name = oneoffName(word);
  if (name !== undefined) {
    const label = [isOneoff, `${LABEL.name}=${name}`, ...(app === undefined ? [] : [`${LABEL.app}=${app}`])];
    return requireOne(word, app, (await listOwn(engine, { label })).map(toOneoff));
  }
  const isId = /^[0-9a-f]{12,64}$/.test(word);
  // The engine takes a name as a regular expression. A one-off that was left running was renamed.
  const pattern = (name: string) => `^${name.replaceAll(/[^\w-]/g, "\\$&")}$`;
  const filter = isId ? { id: [word] } : { name: [pattern(word), pattern(detachedName(word))] };
  const containers = await listContainers(engine, filter);
  const oneoffs = containers
    .filter((container) => isOwn(container) && container.Labels[LABEL.kind] === "run")
    .map(toOneoff);
  if (containers.length > 0 && oneoffs.length === 0) throw notOneoff(word);
  const exact = oneoffs.filter(({ containerName }) => containerName === word);
  const matches = exact.length > 0 ? exact : oneoffs;
  return requireOne(
    word,
    app,
    matches.filter((oneoff) => app === undefined || oneoff.app === app),
  );
}

function requireOne(word: string, app: string | undefined, matches: readonly Oneoff[]): Oneoff {
  const [oneoff, ...others] = matches;
  if (oneoff === undefined) throw unknownOneoff(word, app);
  if (others.length > 0) throw ambiguousOneoff(word, matches.map(({ containerName }) => containerName).sort());
  return oneoff;
}
