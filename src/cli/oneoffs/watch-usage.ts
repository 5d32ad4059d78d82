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
      return {
        ...{ id: one.id, app: "app" in one ? one.app : undefined, name: one.name, created: one.created },
        state: exit === undefined ? one.state : `${one.state} (${exit})`,
        command: one.command,
        isLive: one.state === "starting" || one.state === "up",
      };
    },
  );
}

/**
 * Redraws a table of the resource usage every second. The list is requested only after an event of a container, so that
 * a second costs no request.
 */
export async function watchUsage(
  engine: Transport,
  terminal: Terminal,
  look: () => Promise<readonly WatchedProcess[]>,
  table: (rows: readonly UsageRow[]) => string,
): Promise<number> {
  using events = await subscribeToEvents(engine, { event: EVENTS });
  using usage = new UsageWatch(engine);
  let listed: readonly WatchedProcess[] = [];
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
    if (isStale) {
      isStale = false;
      listed = await retryUntilReconnected(engine, look);
    }
    usage.follow(new Set(listed.flatMap(({ id, isLive }) => (isLive ? id : []))));
    return table(listed.map((one) => ({ ...NOT_MEASURED, ...usage.usageOf(one.id), ...one })));
  };
  return await watch(terminal, () => Promise.race([draw(), failed.promise]));
}

const NOT_MEASURED = { cpuPercent: undefined, memory: undefined, memoryLimit: undefined, restarts: undefined };
