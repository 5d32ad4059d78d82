import type { Deployer } from "../../app/app.ts";
import { launcherOf } from "../../app/buildpacks.ts";
import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { ambiguousProcess } from "../../errors/oneoff.ts";
import { NEW_SUFFIX, OLD_SUFFIX, oneoffName } from "../../identity/names.ts";
import { excludeCopies } from "../../identity/verify-ownership.ts";
import { isLive, type Oneoff } from "../lookup/oneoff.ts";
import { appNamesOf, matchDeployers } from "./candidates.ts";
import { toProcesses } from "./processes.ts";

/** A process of an app, with the fields of a one-off that `attach`, `logs` and `stop` read. */
export interface AppProcess extends Oneoff {
  readonly from: Deployer;
}

/** A process with the names of its app. */
export interface NamedProcess {
  readonly appProcess: AppProcess;
  /** `compose:shop/web` */
  readonly qualifiedName: string;
  readonly appNames: readonly string[];
}

/** Whether a word has the form of a process name in `ps`. */
const mayBeProcess = (word: string) => /\.\d+$/.test(word) && oneoffName(word) === undefined;

/** Limits the processes that a word can match. */
interface ProcessScope {
  /** Only processes of this app match. */
  readonly app?: string | undefined;
  /** Whether container names match, too. */
  readonly byContainer: boolean;
  /** Whether containers that only carry copied labels of oneoff are excluded. Set to stop or remove. */
  readonly excludesCopies?: boolean;
}

/**
 * Finds a process by its name in `ps`: `web.2`, or with the app `web.web.2`. All containers are listed, because no
 * filter matches the numbering of all deployers.
 * @throws OneoffError if processes of several apps have the name
 */
export async function findProcess(
  engine: Transport,
  word: string,
  scope: ProcessScope,
): Promise<AppProcess | undefined> {
  return (await findProcesses(engine, [word], scope))[0];
}

/** Finds several processes with at most one request. */
export async function findProcesses(
  engine: Transport,
  words: readonly string[],
  scope: ProcessScope,
): Promise<(AppProcess | undefined)[]> {
  const mayBe = (word: string) => scope.byContainer || mayBeProcess(word);
  const all = words.some(mayBe) ? await listContainers(engine, {}) : [];
  const containers = scope.excludesCopies ? await excludeCopies(engine, all) : all;
  return words.map((word) => (mayBe(word) ? matchProcess(word, containers, scope) : undefined));
}

export function matchProcess(
  word: string,
  containers: readonly ContainerSummary[],
  { app, byContainer }: ProcessScope,
): AppProcess | undefined {
  const ofApp = namedProcesses(containers).filter(({ appNames }) => app === undefined || appNames.includes(app));
  const exact = byContainer && ofApp.find(({ appProcess }) => appProcess.containerName === word);
  if (exact) return exact.appProcess;
  const matches = ofApp.filter(({ appProcess: { name }, appNames }) =>
    [name, ...appNames.map((one) => `${one}.${name}`)].includes(word),
  );
  // Several deployers may match one container: the first match takes precedence.
  const uniqueMatches = matches.filter(
    ({ appProcess }, index) => matches.findIndex((one) => one.appProcess.id === appProcess.id) === index,
  );
  const byApp = Map.groupBy(uniqueMatches, ({ qualifiedName }) => qualifiedName);
  const apps = Array.from(
    byApp.values(),
    (same) => same.toSorted((a, b) => rank(b.appProcess) - rank(a.appProcess))[0],
  );
  const candidates = apps.filter((one) => one !== undefined);
  const live = candidates.filter(({ appProcess }) => isLive(appProcess));
  const [one, ...others] = live.length > 0 ? live : candidates;
  if (one && others.length > 0) {
    throw ambiguousProcess(
      word,
      [one, ...others].map(({ qualifiedName, appProcess }) => `${qualifiedName}.${appProcess.name}`).sort(),
    );
  }
  return one?.appProcess;
}

/**
 * Running processes by their shortest unambiguous name: `web.2`, or `shop/web.web.2` if several apps have a `web.2`.
 */
export function runningProcesses(containers: readonly ContainerSummary[]): { word: string; app: string }[] {
  const ofDeployers = namedProcesses(containers).filter(
    ({ appProcess }) => appProcess.from !== "container" && isLive(appProcess),
  );
  // Several deployers may match one container.
  const unique = [...new Map(ofDeployers.toReversed().map((one) => [one.appProcess.id, one])).values()].reverse();
  const names = unique.map(({ appProcess }) => appProcess.name);
  return unique.map(({ appProcess: { name, app } }) => {
    const isUnique = names.indexOf(name) === names.lastIndexOf(name);
    return { word: isUnique ? name : `${app}.${name}`, app };
  });
}

/**
 * During a rollout, or after Swarm has replaced a task, several containers of an app have the same process name.
 * Running ones take precedence, then containers with their final name, then newer ones.
 */
const rank = ({ containerName, state, created }: AppProcess) => {
  const hasFinalName = !containerName.endsWith(NEW_SUFFIX) && !containerName.endsWith(OLD_SUFFIX);
  return (isLive({ state }) ? 2e12 : 0) + (hasFinalName ? 1e12 : 0) + created;
};

/** The processes of all apps. A container that several deployers match is in the result several times. */
export function namedProcesses(containers: readonly ContainerSummary[]): NamedProcess[] {
  const matched = containers.flatMap((container) =>
    matchDeployers(container).map((match) => ({ match, qualifiedName: `${match.from}:${match.app}`, container })),
  );
  return Array.from(Map.groupBy(matched, ({ qualifiedName }) => qualifiedName).values(), (group) => {
    const byId = new Map(group.map((one) => [one.container.Id, one]));
    const candidates = group.map(({ match: { from, type }, qualifiedName, container }) => ({
      from,
      qualifiedName,
      type,
      container,
    }));
    return toProcesses(candidates).flatMap((process): NamedProcess[] => {
      const one = byId.get(process.id);
      if (!one) return [];
      const { match, qualifiedName, container } = one;
      const names = appNamesOf(match);
      return [
        {
          appProcess: {
            ...process,
            from: match.from,
            app: match.app,
            processType: process.type,
            launcher: launcherOf({ labels: container.Labels }),
            ...{ timeout: undefined, retain: undefined, owner: undefined, onDisconnect: undefined },
          },
          qualifiedName,
          appNames: [...names, ...names.map((name) => `${match.from}:${name}`)],
        },
      ];
    });
  }).flat();
}
