import type { ContainerSummary } from "../engine/types.ts";
import { LABEL } from "./labels.ts";

/** A one-off whose container the engine has. */
export interface Oneoff {
  /** The container's. */
  readonly id: string;
  /** `run.7364` */
  readonly name: string;
  readonly app: string;
  /** `my-app.run.7364`, or what `--name` said. */
  readonly containerName: string;
  readonly state: OneoffState;
  /** Of one that has ended. */
  readonly code: number | undefined;
  /** As people may read it: without secrets. */
  readonly command: string;
  readonly processType: string | undefined;
  /** In seconds since 1970. */
  readonly created: number;
  /** When it is to be stopped, in seconds since 1970. */
  readonly deadline: number | undefined;
  /** How long it is kept after its end, in seconds; undefined for one that is not detached. */
  readonly retain: number | undefined;
  readonly owner: string | undefined;
  readonly onDisconnect: string | undefined;
}

export type OneoffState = "starting" | "up" | "complete" | "crashed" | "killed";

/** Exit codes that tell of a signal, as shells count them: 128 + n. */
const SIGNALLED = 128;
const LAST_SIGNAL = 64;

export function stateOf(code: number): Extract<OneoffState, "complete" | "crashed" | "killed"> {
  if (code === 0) return "complete";
  return code > SIGNALLED && code <= SIGNALLED + LAST_SIGNAL ? "killed" : "crashed";
}

export function toOneoff({ Id, Names, Labels, State, Status, Command, Created }: ContainerSummary): Oneoff {
  const ended = /^Exited \((\d+)\)/.exec(Status)?.[1];
  const code = ended === undefined ? undefined : Number(ended);
  const running = State === "created" ? "starting" : "up";
  return {
    id: Id,
    name: Labels[LABEL.name] ?? "",
    app: Labels[LABEL.app] ?? "",
    containerName: (Names[0] ?? "").replace(/^\//, ""),
    state: code === undefined ? running : stateOf(code),
    code,
    command: Labels[LABEL.command] ?? Command,
    processType: Labels[LABEL.processType],
    created: Created,
    deadline: number(Labels[LABEL.deadline]),
    retain: number(Labels[LABEL.retain]),
    owner: Labels[LABEL.owner],
    onDisconnect: Labels[LABEL.onDisconnect],
  };
}

const number = (text: string | undefined) => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined);
