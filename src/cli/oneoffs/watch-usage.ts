import type { Transport } from "../../engine/transport.ts";
import { subscribeToEvents } from "../../oneoff/journal/oneoff-events.ts";
import type { Listing } from "../../oneoff/lookup/listed.ts";
import { signalOf } from "../../oneoff/lookup/oneoff.ts";
import { UsageWatch } from "../../oneoff/lookup/usage-watch.ts";
import { retryUntilReconnected } from "../../oneoff/session/reconnect.ts";
import type { UsageRow } from "../../output/usage-list.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { watch } from "./watch.ts";

/** The events that change the list. */
const EVENTS = ["create", "start", "die", "destroy", "rename", "pause", "unpause"];

/** A listed process or one-off. */
export interface WatchedProcess extends Pick<UsageRow, "app" | "name" | "state" | "created" | "command"> {
  readonly id: string;
  readonly isLive: boolean;
}

/** One-offs first, as in the list without usage. @param app the requested app. */
export function toWatched({ oneoffs, processes }: Listing, app: string | undefined): WatchedProcess[] {
  return [...oneoffs.map((one) => ({ ...one, app: app === undefined ? one.app : undefined })), ...processes].map(
    (one) => {
      const exit = one.state === "crashed" || one.state === "killed" ? (signalOf(one.code) ?? one.code) : undefined;
      // The engine of another node has the container: it refuses to measure it once.
      const id = one.task ? (one.task.containerId ?? "") : one.id;
      return {
        ...{ id, app: "app" in one ? one.app : undefined, name: one.name, created: one.created },
        state: exit === undefined ? one.state : `${one.state} (${exit})`,
        command: one.command,
        isLive: id !== "" && (one.state === "starting" || one.state === "up"),
      };
    },
  );
}

interface WatchedList {
  readonly rows: readonly WatchedProcess[];
  readonly hasTasks?: boolean | undefined;
}

/**
 * Redraws a table of the resource usage every second. The list is requested only after an event of a container, so that
 * a second costs no request. Tasks of a Swarm have no events, so their list is requested every second.
 */
export async function watchUsage(
  engine: Transport,
  terminal: Terminal,
  look: () => Promise<WatchedList>,
  table: (rows: readonly UsageRow[]) => string,
): Promise<number> {
  using events = await subscribeToEvents(engine, { event: EVENTS });
  using usage = new UsageWatch(engine);
  let listed: WatchedList = { rows: [] };
  let isStale = true;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const readEvents = async () => {
    for await (const { Action, Actor } of events) {
      isStale = true;
      if (Action === "start") void usage.noteStart(Actor.ID);
    }
  };
  readEvents().catch(failed.reject);
  const draw = async () => {
    if (isStale || listed.hasTasks) {
      isStale = false;
      listed = await retryUntilReconnected(engine, look);
    }
    usage.follow(new Set(listed.rows.flatMap(({ id, isLive }) => (isLive ? id : []))));
    return table(listed.rows.map((one) => ({ ...NOT_MEASURED, ...usage.usageOf(one.id), ...one })));
  };
  return await watch(terminal, () => Promise.race([draw(), failed.promise]));
}

const NOT_MEASURED = { cpuPercent: undefined, memory: undefined, memoryLimit: undefined, restarts: undefined };
