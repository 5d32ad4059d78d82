import type { Oneoff } from "../lookup/oneoff.ts";
import type { OneoffSpec } from "../spec/spec.ts";

/** The one-off of an entry. */
interface EntryOrigin {
  readonly app: string;
  /** `run.7364` */
  readonly name: string;
  /** Names are reused, ids are not. */
  readonly containerId: string;
}

/** The events in the life of a one-off, in order. */
export type LifeEvent =
  /** The container exists and is about to be started. @param command without secrets. */
  | {
      readonly event: "starting";
      readonly command: string;
      readonly processType?: string | undefined;
      /** Set by the user. */
      readonly containerName?: string | undefined;
      /** Its output is in the engine's log, not at a terminal. */
      readonly detached?: boolean;
    }
  | { readonly event: "up" }
  /** @param signal `SIGTERM` */
  | { readonly event: "stopping"; readonly signal: string }
  /**
   * @param exitCode undefined if it could not be started.
   * @param replaced another container was started for the same command.
   */
  | {
      readonly event: "exited";
      readonly exitCode?: number | undefined;
      readonly oomKilled?: boolean;
      readonly replaced?: boolean;
    };

/** A line of the journal: flat, with stable keys, without values of variables. */
export type JournalEntry = EntryOrigin &
  LifeEvent & {
    /** ISO 8601, UTC, with milliseconds. */
    readonly time: string;
    /** The user who ran it: `alice@host`. */
    readonly user?: string;
  };

/** An entry to append. @param time the default is now. */
export type NewEntry = EntryOrigin & LifeEvent & { readonly time?: string | undefined };

/** The lives of one-offs that this user ran on this machine, for one engine. */
export interface Journal {
  /** Neither fails nor blocks. */
  append(entry: NewEntry): void;
  /** Reads the entries of an app, or all, oldest first. */
  read(app?: string): JournalEntry[];
  /** @returns a function that reads the entries since its last call; the first call reads all. */
  follow(app?: string): () => JournalEntry[];
}

/** Appends the entries of a one-off while it runs. */
export function openRecord(journal: Journal, { app, name, id }: Pick<Oneoff, "app" | "name" | "id">) {
  const append = (happening: LifeEvent & { time?: string | undefined }) =>
    journal.append({ app, name, containerId: id, ...happening });
  return {
    /** Call it when the container exists. */
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
    /** Call it when the engine has acknowledged the start. */
    up: () => append({ event: "up" }),
    /** Call it before the stop. */
    stopping: (signal: string) => append({ event: "stopping", signal }),
    /** @param code undefined if it could not be started. @param time ISO 8601; the default is now. */
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
