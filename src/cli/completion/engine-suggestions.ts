import { taskId } from "../../app/cron/cron-task.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import { listImages } from "../../engine/images.ts";
import { listNetworks } from "../../engine/networks.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { appProcfile } from "../../oneoff/apps/app-procfile.ts";
import { matchDeployers } from "../../oneoff/apps/candidates.ts";
import { runningProcesses } from "../../oneoff/apps/find-process.ts";
import { findManifest, readProcfile } from "../../oneoff/apps/manifest-file.ts";
import { listProcesses } from "../../oneoff/apps/processes.ts";
import { resolveApp } from "../../oneoff/apps/resolve.ts";
import { listLocks } from "../../oneoff/locks/locks.ts";
import { listOneoffs, oneoffsAmong } from "../../oneoff/lookup/find-oneoff.ts";
import { isLive, type Oneoff } from "../../oneoff/lookup/oneoff.ts";
import { listReleases } from "../../release/releases.ts";
import type { Kind } from "../shapes.ts";
import { apps, deployedApps } from "./app-suggestions.ts";
import type { Suggestion } from "./expected.ts";
import type { ContainerList, Lookup, Suggest } from "./lookup.ts";
import { typeSuggestions } from "./type-suggestions.ts";

/** If several have the same name, the container name distinguishes them. */
const namesOf = (oneoffs: readonly Oneoff[]): Suggestion[] =>
  oneoffs.map((one) => ({
    value: oneoffs.some((other) => other !== one && other.name === one.name) ? one.containerName : one.name,
    what: `${one.app}: ${one.command}`,
  }));

const allOneoffs: Suggest = async ({ engine, app }) => namesOf(await listOneoffs(engine, app));

const liveOneoffs =
  (list: ContainerList): Suggest =>
  async ({ app, lists }) => {
    const live = oneoffsAmong(await lists[list]()).filter(isLive);
    return namesOf(live.filter((one) => app === undefined || one.app === app));
  };

/** One-offs that are services of a Swarm, or run beside one, on other nodes too. */
const swarmOneoffs: Suggest = async ({ app: wanted, lists }) => {
  const { isOneoff } = await import("../../oneoff/swarm/tasks/list-services.ts");
  const services = (await lists.services()) ?? [];
  return services.filter(isOneoff).flatMap(({ Spec: { Labels } }) => {
    const { [LABEL.name]: value = "", [LABEL.app]: app = "", [LABEL.command]: command = "" } = Labels ?? {};
    return wanted === undefined || wanted === app ? { value, what: `${app}: ${command}` } : [];
  });
};

/** One-offs, and apps with one running one-off, which `attach` takes for it. */
const attachableOneoffs: Suggest = async ({ engine, app }) => {
  const all = await listOneoffs(engine, app);
  const live = Map.groupBy(all.filter(isLive), (one) => one.app);
  const apps = Array.from(live).flatMap(([value, [one, ...others]]) =>
    one && others.length === 0 ? { value, what: `${one.name}: ${one.command}` } : [],
  );
  return [...namesOf(all), ...apps];
};

/** The process types of an app; oneoff.yaml needs no request. Images are not read, which would need a container. */
const types: Suggest = async ({ engine, context, app: name, config }) => {
  if (name === undefined) return [];
  const described = readProcfile((await findManifest(config, context))?.manifest.apps.get(name)?.procfile, context);
  if (described.size > 0) return typeSuggestions(described);
  const report = () => {};
  const resolved = await resolveApp({ engine, files: context, report }, { name, config });
  const cache = { ...context.cache, get: (key: string) => context.cache.get(key) ?? (resolved.copy ? undefined : "") };
  const lookup = { engine, cache, report, owner: context.owner.self, files: context };
  const procfile = await appProcfile(lookup, { ...resolved, config }, "web");
  return typeSuggestions(procfile);
};

const processes: Suggest = async ({ engine, app }) => {
  const there = app === undefined ? [] : (await listProcesses(engine, app)).processes;
  return [...new Set(there.map(({ type }) => type))].map((value) => ({ value }));
};

/** The processes of all apps for `exec`: `my-app.worker`, and the names that `ps` prints. */
const processesOfApps =
  (list: ContainerList): Suggest =>
  async (lookup) => {
    const running = await runningAmong(lookup, list);
    const words = running.flatMap((container) => {
      const [{ app, type } = {}] = matchDeployers(container);
      return type === undefined ? [] : [`${app}.${type}`];
    });
    return [...[...new Set(words)].map((value) => ({ value })), ...namesAmong(running, lookup)];
  };

const processNames: Suggest = async (lookup) => namesAmong(await runningAmong(lookup, "live"), lookup);

const runningAmong = async ({ lists }: Lookup, list: ContainerList) =>
  (await lists[list]()).filter(({ State }) => State === "running");

const namesAmong = (running: readonly ContainerSummary[], { app }: Lookup): Suggestion[] =>
  runningProcesses(running)
    .filter((one) => app === undefined || one.app === app)
    .map((one) => ({ value: one.word, what: one.app }));

const withEnd =
  (suggest: Suggest, end: string): Suggest =>
  async (lookup) =>
    (await suggest(lookup)).map(({ value, what }) => ({ value: `${value}${end}`, what }));

/** Ignores the error of a source; other sources may succeed. The first of equal suggestions is kept. */
const all =
  (...several: Suggest[]): Suggest =>
  async (lookup) => {
    const suggestions = (await Promise.all(several.map((suggest) => suggest(lookup).catch(() => [])))).flat();
    return suggestions.filter(({ value }, index) => suggestions.findIndex((one) => one.value === value) === index);
  };

/** Suggestions that need the engine. */
export const ENGINE_SUGGESTIONS: Partial<Record<Kind, Suggest>> = {
  app: apps,
  "one-off": all(allOneoffs, swarmOneoffs),
  attachable: all(attachableOneoffs, swarmOneoffs, processNames),
  "app or one-off": all(liveOneoffs("live"), swarmOneoffs, deployedApps("live"), processNames),
  running: all(liveOneoffs("live"), swarmOneoffs, deployedApps("live"), processesOfApps("live")),
  logged: all(liveOneoffs("all"), swarmOneoffs, deployedApps("all"), processesOfApps("all")),
  copied: withEnd(all(allOneoffs, swarmOneoffs), ":"),
  type: processes,
  "type=quantity": withEnd(types, "="),
  command: types,
  release: async ({ engine, app }) => {
    const releases = app === undefined ? [] : await listReleases(engine, app);
    return releases.map(({ number, created }) => ({ value: `v${number}`, what: created }));
  },
  task: async ({ engine, context, app, config }) => {
    if (app === undefined) return [];
    const { readTasks } = await import("../cron/app-tasks.ts");
    const { tasks } = await readTasks(engine, context, { app, config, command: "cron:run" });
    return tasks.map((task) => ({ value: taskId(app, task), what: maskCommand([task.command]) }));
  },
  lock: async ({ engine, context }) => {
    const locks = await listLocks(engine, context.owner);
    return locks.map(({ key, app, name, state }) => ({ value: key, what: `${app}, ${name}, ${state}` }));
  },
  image: async ({ engine }) =>
    (await listImages(engine)).flatMap(({ RepoTags }) => RepoTags ?? []).map((value) => ({ value })),
  network: async ({ engine }) =>
    (await listNetworks(engine)).map(({ Name, Driver }) => ({ value: Name, what: Driver })),
};
