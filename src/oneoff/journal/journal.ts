import type { Oneoff } from "../lookup/oneoff.ts";
import type { OneoffSpec } from "../spec/spec.ts";

/** Whose entry it is. */
interface Subject {
  readonly app: string;
  /** `run.7364` */
  readonly name: string;
  /** The container's id: names come again. */
  readonly containerId: string;
}

/** What can happen to a one-off, in the order in which it does. */
export type Happening =
  /** Its container is there, and about to be started. @param command as people may read it: without secrets. */
  | {
      readonly event: "starting";
      readonly command: string;
      readonly processType?: string | undefined;
      /** The container's name where the user gave one. */
      readonly containerName?: string | undefined;
      /** Its output is in the engine's log, not at somebody's terminal. */
      readonly detached?: boolean;
    }
  | { readonly event: "up" }
  /** It was asked to end. @param signal `SIGTERM` */
  | { readonly event: "stopping"; readonly signal: string }
  /**
   * It is over. @param code undefined where there is none: it could not be started. @param oom it took too much memory.
   * @param replaced another container was started for the same command.
   */
  | {
      readonly event: "exited";
      readonly exitCode?: number | undefined;
      readonly oomKilled?: boolean;
      readonly replaced?: boolean;
    };

/** A line of the journal. It is flat, its keys keep their meaning, and it has no values of variables. */
export type JournalEntry = Subject &
  Happening & {
    /** ISO 8601, UTC, with milliseconds. */
    readonly time: string;
    /** Who was at it: `alice@host`. */
    readonly user?: string;
  };

/** What is to become one: with a time where it is not now. */
export type NewEntry = Subject & Happening & { readonly time?: string | undefined };

/** The lives of one-offs, as told by those who ran them: on this machine, by this user, on one engine. */
export interface Journal {
  /** Never fails, and never waits. */
  append(entry: NewEntry): void;
  /** What there is of one app, or of all: the oldest first. */
  read(app?: string): JournalEntry[];
  /** What to ask, again and again, for what has come since; at first it is all there is. */
  follow(app?: string): () => JournalEntry[];
}

/** What there is to say of one one-off while it is run. */
export function recordOf(journal: Journal, { app, name, id }: Pick<Oneoff, "app" | "name" | "id">) {
  const append = (happening: Happening & { time?: string | undefined }) =>
    journal.append({ app, name, containerId: id, ...happening });
  return {
    /** Once its container is there. */
    starting: ({
      shownCommand,
      processType,
      containerName,
      detach,
    }: Pick<OneoffSpec, "shownCommand" | "processType" | "containerName" | "detach">) =>
      append({
        event: "starting",
        command: shownCommand,
        processType,
        containerName,
        ...(detach && { detached: true }),
      }),
    /** Once the engine has acknowledged its start. */
    up: () => append({ event: "up" }),
    /** Before it is asked to end. */
    stopping: (signal: string) => append({ event: "stopping", signal }),
    /** @param code undefined for one that could not be started. @param time ISO 8601, of an end that was not just now. */
    exited: (
      code: number | undefined,
      { oom, replaced, time }: { oom?: boolean; replaced?: boolean; time?: string | undefined } = {},
    ) =>
      append({
        event: "exited",
        exitCode: code,
        ...(oom && { oomKilled: oom }),
        ...(replaced && { replaced }),
        time: time && new Date(time).toISOString(),
      }),
  };
}
