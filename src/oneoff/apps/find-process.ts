import type { Deployer } from "../../app/app.ts";
import { launcherOf } from "../../app/buildpacks.ts";
import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { ambiguousProcess } from "../../errors/oneoff.ts";
import { excludeCopies } from "../../identity/copies.ts";
import { NEW_SUFFIX, OLD_SUFFIX, oneoffName } from "../../identity/names.ts";
import { isLive, type Oneoff } from "../lookup/oneoff.ts";
import { marksOf, wordsOf } from "./candidates.ts";
import { processesOf } from "./processes.ts";

/** A process of an app, whatever deployed it, with all that `attach`, `logs` and `stop` read of a one-off. */
export interface AppProcess extends Oneoff {
  readonly from: Deployer;
}

/** An app's process, and the words that pick the app. */
interface Named {
  readonly found: AppProcess;
  /** `compose:shop/web` */
  readonly pick: string;
  readonly appWords: readonly string[];
}

/** Whether a word may be what `ps` prints for a process, as far as its form tells. */
const mayBeProcess = (word: string) => /\.\d+$/.test(word) && oneoffName(word) === undefined;

/** Which processes a word may mean. */
interface Scope {
  /** Only those of this app. */
  readonly app?: string | undefined;
  /** Whether the container's name means the process, too. */
  readonly byContainer: boolean;
  /** Whether it is going to be ended: what only looks like oneoff's is none then. */
  readonly isForSure?: boolean;
}

/**
 * The process that a word means as `ps` prints it: `web.2`, or behind a name of its app `web.web.2`. The engine is asked
 * for all containers: no filter knows how a deployer counts.
 * @throws OneoffError when processes of several apps have the name.
 */
export async function findProcess(engine: Transport, word: string, scope: Scope): Promise<AppProcess | undefined> {
  return (await findProcesses(engine, [word], scope))[0];
}

/** The same for several words; the engine is asked once, if at all. */
export async function findProcesses(
  engine: Transport,
  words: readonly string[],
  scope: Scope,
): Promise<(AppProcess | undefined)[]> {
  const mayBe = (word: string) => scope.byContainer || mayBeProcess(word);
  const all = words.some(mayBe) ? await listContainers(engine, {}) : [];
  const containers = scope.isForSure ? await excludeCopies(engine, all) : all;
  return words.map((word) => (mayBe(word) ? processNamed(word, containers, scope) : undefined));
}

export function processNamed(
  word: string,
  containers: readonly ContainerSummary[],
  { app, byContainer }: Scope,
): AppProcess | undefined {
  const ofApp = namedProcesses(containers).filter(({ appWords }) => app === undefined || appWords.includes(app));
  const exact = byContainer && ofApp.find(({ found }) => found.containerName === word);
  if (exact) return exact.found;
  const meant = ofApp.filter(({ found: { name }, appWords }) =>
    [name, ...appWords.map((one) => `${one}.${name}`)].includes(word),
  );
  // Several deployers may mark one container: the first mark takes precedence.
  const containersOnce = meant.filter(
    ({ found }, index) => meant.findIndex((one) => one.found.id === found.id) === index,
  );
  const byPick = Map.groupBy(containersOnce, ({ pick }) => pick);
  const apps = Array.from(byPick.values(), (same) => same.toSorted((a, b) => rank(b.found) - rank(a.found))[0]);
  const candidates = apps.filter((one) => one !== undefined);
  const live = candidates.filter(({ found }) => isLive(found));
  const [one, ...others] = live.length > 0 ? live : candidates;
  if (one && others.length > 0) {
    throw ambiguousProcess(word, [one, ...others].map(({ pick, found }) => `${pick}.${found.name}`).sort());
  }
  return one?.found;
}

/** What is deployed and runs, by the shortest names that mean them: `web.2`, or `shop/web.web.2` where several have it. */
export function runningProcesses(containers: readonly ContainerSummary[]): { word: string; app: string }[] {
  const ofDeployers = namedProcesses(containers).filter(({ found }) => found.from !== "container" && isLive(found));
  // Several deployers may mark one container.
  const once = [...new Map(ofDeployers.toReversed().map((one) => [one.found.id, one])).values()].reverse();
  const names = once.map(({ found }) => found.name);
  return once.map(({ found: { name, app } }) => {
    const isUnique = names.indexOf(name) === names.lastIndexOf(name);
    return { word: isUnique ? name : `${app}.${name}`, app };
  });
}

/**
 * Of containers of one app with the same name, as while it is deployed or once Swarm has replaced a task: what runs comes
 * first, then what has its place, then what is newer.
 */
const rank = ({ containerName, state, created }: AppProcess) => {
  const isPlaced = !containerName.endsWith(NEW_SUFFIX) && !containerName.endsWith(OLD_SUFFIX);
  return (isLive({ state }) ? 2e12 : 0) + (isPlaced ? 1e12 : 0) + created;
};

function namedProcesses(containers: readonly ContainerSummary[]): Named[] {
  const marked = containers.flatMap((container) =>
    marksOf(container).map((mark) => ({ mark, pick: `${mark.from}:${mark.app}`, container })),
  );
  return Array.from(Map.groupBy(marked, ({ pick }) => pick).values(), (group) => {
    const byId = new Map(group.map((one) => [one.container.Id, one]));
    const candidates = group.map(({ mark: { from, type }, pick, container }) => ({ from, pick, type, container }));
    return processesOf(candidates).flatMap((process): Named[] => {
      const one = byId.get(process.id);
      if (!one) return [];
      const { mark, pick, container } = one;
      const words = wordsOf(mark);
      return [
        {
          found: {
            ...process,
            from: mark.from,
            app: mark.app,
            processType: process.type,
            launcher: launcherOf({ labels: container.Labels }),
            ...{ timeout: undefined, retain: undefined, owner: undefined, onDisconnect: undefined },
          },
          pick,
          appWords: [...words, ...words.map((word) => `${mark.from}:${word}`)],
        },
      ];
    });
  }).flat();
}
