import { NEVER } from "../../engine/containers.ts";
import type { ContainerEvent } from "../../engine/events.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { labelOf } from "../../identity/ownership.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import type { JournalEntry } from "./journal.ts";

const ORDER: readonly JournalEntry["event"][] = ["starting", "up", "stopping", "exited"];

/** What the journal knows of one one-off, and what only the engine does, in the order in which it happens. */
export function lifeOf(journalled: readonly JournalEntry[], engine: readonly JournalEntry[]): JournalEntry[] {
  const told = new Set(journalled.map(({ event }) => event));
  // Two clocks may not agree on what comes first.
  return [...journalled, ...engine.filter(({ event }) => !told.has(event))].sort(
    (a, b) => ORDER.indexOf(a.event) - ORDER.indexOf(b.event) || (a.time < b.time ? -1 : 1),
  );
}

/** What the engine knows of a one-off whose container it has. */
export function engineEntries(oneoff: Oneoff, { Created, State }: ContainerDetails): JournalEntry[] {
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

/** What the engine tells while it happens. */
export function eventEntries({ Action, Actor, timeNano }: ContainerEvent): JournalEntry[] {
  const { ID: containerId, Attributes } = Actor;
  const { [LABEL.app]: app = "", [LABEL.name]: name = "", [LABEL.command]: command = "" } = Attributes;
  const place = { time: new Date(timeNano / 1e6).toISOString(), app, name, containerId };
  if (Action === "die") return [{ ...place, event: "exited", exitCode: Number(Attributes.exitCode) }];
  if (Action !== "start") return [];
  return [
    { ...place, event: "starting", command, detached: labelOf(Attributes, LABEL.retain) !== undefined },
    { ...place, event: "up" },
  ];
}
