import { NEVER } from "../../engine/containers.ts";
import type { ContainerEvent } from "../../engine/events.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { labelOf } from "../../identity/ownership.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import type { JournalEntry } from "./journal.ts";

const ORDER: readonly JournalEntry["event"][] = ["starting", "up", "stopping", "exited"];

/** Merges the entries of the journal with the engine's, in the order of a life. */
export function mergeEntries(journalled: readonly JournalEntry[], engine: readonly JournalEntry[]): JournalEntry[] {
  const journalledEvents = new Set(journalled.map(({ event }) => event));
  // The clocks of the machine and the engine may differ.
  return [...journalled, ...engine.filter(({ event }) => !journalledEvents.has(event))].sort(
    (a, b) => ORDER.indexOf(a.event) - ORDER.indexOf(b.event) || (a.time < b.time ? -1 : 1),
  );
}

/** The entries that follow from an existing container. */
export function toEngineEntries(oneoff: Oneoff, { Created, State }: ContainerDetails): JournalEntry[] {
  const { id: containerId, app, name, command, retain } = oneoff;
  const at = (time: string) => ({ time: new Date(time).toISOString(), app, name, containerId });
  const { StartedAt = NEVER, FinishedAt = NEVER, ExitCode: exitCode, OOMKilled: oomKilled = false } = State;
  return [
    { ...at(Created), event: "starting", command, detached: retain !== undefined },
    ...(StartedAt > NEVER ? [{ ...at(StartedAt), event: "up" } as const] : []),
    ...(FinishedAt > NEVER && !State.Running
      ? [{ ...at(FinishedAt), event: "exited", exitCode, oomKilled } as const]
      : []),
  ];
}

/** The entries that follow from an event of the engine. */
export function toEventEntries({ Action, Actor, timeNano }: ContainerEvent): JournalEntry[] {
  const { ID: containerId, Attributes } = Actor;
  const { [LABEL.app]: app = "", [LABEL.name]: name = "", [LABEL.command]: command = "" } = Attributes;
  const origin = { time: new Date(timeNano / 1e6).toISOString(), app, name, containerId };
  if (Action === "die") return [{ ...origin, event: "exited", exitCode: Number(Attributes.exitCode) }];
  if (Action !== "start") return [];
  return [
    { ...origin, event: "starting", command, detached: labelOf(Attributes, LABEL.retain) !== undefined },
    { ...origin, event: "up" },
  ];
}
