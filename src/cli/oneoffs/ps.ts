import { setTimeout as pause } from "node:timers/promises";
import { swarmMembership } from "../../engine/swarm/nodes.ts";
import { unexpectedWord, watchNeedsTerminal } from "../../errors/cli.ts";
import { conflictingOptions, warning } from "../../errors/error.ts";
import { onlyOwnTasks } from "../../errors/swarm-oneoffs.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import { formatShortfall } from "../../oneoff/apps/degraded.ts";
import { findDeployer } from "../../oneoff/apps/deployer-of.ts";
import { unqualifiedName } from "../../oneoff/apps/find.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import { LISTED_STATES, type ListedState, type Listing, type ListQuery } from "../../oneoff/lookup/listed.ts";
import { addExitTimes, readListing } from "../../oneoff/lookup/listing.ts";
import { reapInPassing } from "../../oneoff/reaping/reap.ts";
import type { Event } from "../../output/events.ts";
import { humanLine } from "../../output/human.ts";
import { printJson, printText } from "../../output/print.ts";
import { processList } from "../../output/process-list.ts";
import { type UsageRow, usageList } from "../../output/usage-list.ts";
import { escapeAll } from "../../text/escape.ts";
import { choice } from "../choice.ts";
import { command, type Flags } from "../command.ts";
import { appOption, commonOptions, configOption, formatOption, wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import { tableStyle } from "../table-style.ts";
import { toGroups, toJson } from "./ps-output.ts";
import { toWatched, watchUsage } from "./watch-usage.ts";

/** Time limit for reaping after the list was printed, in milliseconds. */
const REAP_TIMEOUT_MS = 200;

const options = {
  ...appOption,
  ...configOption,
  all: { type: "boolean", describe: "List exited one-offs and processes too" },
  ...formatOption,
  state: {
    type: "string",
    placeholder: "STATE",
    completion: LISTED_STATES,
    many: true,
    describe: "List only this state: starting, up, complete, crashed, killed or unknown",
  },
  type: {
    type: "string",
    placeholder: "TYPE",
    completion: "type",
    describe: "List only this type: run for one-offs, web, worker, …",
  },
  watch: { type: "boolean", alias: "w", describe: "Show CPU, memory and restarts every second; q quits" },
  ...commonOptions,
} as const;

type PsFlags = Flags<typeof options>;

export const psCommand = command({
  options,
  usage: "oneoff ps [options] [app] [type]",
  completions: ["app", "type"],
  describe: "List one-offs and the processes of an app",
  examples: [
    ["oneoff ps", "running one-offs of all apps"],
    ["oneoff ps my-app", "one-offs and processes of an app"],
    ["oneoff ps my-app web", "processes of one type"],
    ["oneoff ps --watch my-app", "CPU, memory and restarts, like top"],
    ["oneoff ps --all --state crashed --format json", "for a script"],
  ],
  most: 2,
  handle: (flags, args, context) => ps(flags, args, context, "ps"),
});

export const runListCommand = command({
  ...psCommand,
  usage: "oneoff run:list [options] [app]",
  describe: "List one-offs (same as ps --type run)",
  examples: [
    ["oneoff run:list my-app", "running one-offs of an app"],
    ["oneoff run:list --all --format json my-app", "exited ones too, for a script"],
  ],
  most: 1,
  handle: (flags, args, context) => ps({ type: "run", ...flags }, args, context, "run:list"),
});

/** @param typed the command's name as typed. */
async function ps(flags: PsFlags, args: readonly string[], context: Context, typed: string): Promise<number> {
  const { terminal, owner } = context;
  const json = wantsJson(flags.format, typed);
  if (json && flags.watch) throw conflictingOptions("--watch", "--format json");
  if (flags.watch && !terminal.outputIsTerminal) throw watchNeedsTerminal();
  const query = await toQuery(flags, args, context, typed);
  await using engine = context.openEngine(flags);
  const journal = context.openJournal(engine);
  const listAll = () => listOwn(engine, { label: [LABEL.kind] });
  const look = (listing = listAll) => readListing(engine, journal, query, listing);
  /** An app may consist only of exited one-offs. */
  const requireApp = async () => {
    if (query.app === undefined || journal.read(query.app).length > 0) return;
    const picked = flags.app ?? args[0] ?? query.app;
    await findDeployer(engine, picked, await findManifest(flags.config, context), "ps");
  };
  const text = (listing: Listing) =>
    processList(toGroups(listing, query.app), engine.clock.now(), tableStyle(context, flags));
  if (flags.watch) {
    void reapInPassing({ engine, journal }, owner);
    const table = (rows: readonly UsageRow[]) =>
      rows.length === 0
        ? `${humanLine(escapeAll(none(query)))}\n`
        : usageList(escapeAll(rows), engine.clock.now(), tableStyle(context, flags));
    const lookForUsage = async () => {
      const listing = await look();
      return { rows: toWatched(listing, query.app), hasTasks: listing.hasTasks };
    };
    return await watchUsage(engine, terminal, lookForUsage, table);
  }
  let all: ReturnType<typeof listAll> | undefined;
  const listOnce = () => {
    all ??= listAll();
    return all;
  };
  const looking = look(listOnce);
  const reaping = reapInPassing({ engine, journal }, owner, listOnce);
  const listing = await looking.catch(async (error: unknown) => {
    await requireApp();
    throw error;
  });
  const isEmpty = listing.oneoffs.length + listing.processes.length === 0;
  if (isEmpty && !listing.isService) await requireApp();
  if (json) printJson(terminal.stdout, toJson(await addExitTimes(engine, listing), query.app), 2);
  else if (!isEmpty) printText(terminal.stdout, listing, text);
  else context.report(flags)(none(query));
  if (listing.isPartial)
    context.report(flags)(warning(onlyOwnTasks((await swarmMembership(engine)).managers.map(({ Addr }) => Addr))));
  for (const one of listing.down) {
    context.report(flags)(warning(`${formatShortfall(one)} (oneoff start ${one.app})`));
  }
  // The list is printed already; without this pause the process would exit before it can reap.
  await Promise.race([reaping, pause(REAP_TIMEOUT_MS)]);
  return 0;
}

async function toQuery(flags: PsFlags, args: readonly string[], context: Context, typed: string): Promise<ListQuery> {
  const [picked, type, more] = flags.app === undefined ? args : [flags.app, ...args];
  const word = more ?? (flags.type === undefined ? undefined : type);
  if (word !== undefined) throw unexpectedWord(word, typed);
  const states = flags.state?.map((state) => choice("--state", state, LISTED_STATES, typed));
  // An app that copies a container has the processes of that container's app.
  const described =
    picked === undefined ? undefined : (await findManifest(flags.config, context))?.manifest.apps.get(picked);
  return {
    app: picked && unqualifiedName(picked),
    processApp: described?.from ?? picked,
    type: flags.type ?? type,
    states: LISTED_STATES.filter((state) => states?.includes(state) ?? (flags.all || LIVE.includes(state))),
  };
}

const LIVE: readonly ListedState[] = ["starting", "up"];

const none = ({ app, type = "run", states }: ListQuery): Event => ({
  type: "none-found",
  app,
  resource: type === "run" ? "one-offs" : `${type} processes`,
  states: states.length === LISTED_STATES.length ? [] : states.join() === LIVE.join() ? ["running"] : states,
});
