import { constants } from "node:os";
import { type Launcher, launcherOf } from "../../app/buildpacks.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { containerNameOf, labelOf } from "../../identity/ownership.ts";

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
  /** How long it may run, in seconds from its start on. */
  readonly timeout: number | undefined;
  /** How long it is kept after its end, in seconds; undefined for one that is not detached. */
  readonly retain: number | undefined;
  readonly owner: string | undefined;
  readonly onDisconnect: string | undefined;
  readonly launcher?: Launcher | undefined;
}

export const ONEOFF_STATES = ["starting", "up", "complete", "crashed", "killed"] as const;
export type OneoffState = (typeof ONEOFF_STATES)[number];

/** Exit codes that tell of a signal, as shells count them: 128 + n. */
const SIGNALLED = 128;
const LAST_SIGNAL = 64;

export function stateOf(code: number): Extract<OneoffState, "complete" | "crashed" | "killed"> {
  if (code === 0) return "complete";
  return code > SIGNALLED && code <= SIGNALLED + LAST_SIGNAL ? "killed" : "crashed";
}

/** The signal that an exit code tells of: `SIGKILL` for 137. Those without a name go by their number: `SIG34`. */
export function signalOf(code: number | undefined): string | undefined {
  if (code === undefined || stateOf(code) !== "killed") return undefined;
  const number = code - SIGNALLED;
  return Object.entries(constants.signals).find(([, one]) => one === number)?.[0] ?? `SIG${number}`;
}

/** How far any container has come. One that the engine could not remove has crashed, with a code that nobody knows. */
export function progressOf({ State, Status }: ContainerSummary): Pick<Oneoff, "state" | "code"> {
  const ended = /^Exited \((\d+)\)/.exec(Status)?.[1];
  if (ended !== undefined) return { state: stateOf(Number(ended)), code: Number(ended) };
  if (State === "dead" || State === "removing") return { state: "crashed", code: undefined };
  return { state: State === "created" || State === "restarting" ? "starting" : "up", code: undefined };
}

export const isLive = ({ state }: Pick<Oneoff, "state">) => state === "starting" || state === "up";

export function toOneoff(container: ContainerSummary): Oneoff {
  const { Id, Labels, Command, Created } = container;
  return {
    id: Id,
    name: Labels[LABEL.name] ?? "",
    app: Labels[LABEL.app] ?? "",
    containerName: containerNameOf(container),
    ...progressOf(container),
    command: labelOf(Labels, LABEL.command) ?? maskCommand([Command]),
    processType: labelOf(Labels, LABEL.processType),
    created: Created,
    timeout: number(Labels[LABEL.timeout]),
    retain: number(Labels[LABEL.retain]),
    owner: labelOf(Labels, LABEL.owner),
    onDisconnect: labelOf(Labels, LABEL.onDisconnect),
    launcher: launcherOf({ labels: Labels }),
  };
}

const number = (text: string | undefined) => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined);
