import { constants } from "node:os";
import { type Launcher, launcherOf } from "../../app/buildpacks.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { containerNameOf, labelOf } from "../../identity/ownership.ts";

/** A one-off whose container exists. */
export interface Oneoff {
  /** The container's id. */
  readonly id: string;
  /** `run.7364` */
  readonly name: string;
  readonly app: string;
  /** `my-app.run.7364`, or the value of `--name`. */
  readonly containerName: string;
  readonly state: OneoffState;
  /** The exit code of an exited one-off. */
  readonly code: number | undefined;
  /** Without secrets. */
  readonly command: string;
  readonly processType: string | undefined;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds from its start to its stop. */
  readonly timeout: number | undefined;
  /** Seconds from its exit to its removal; undefined for one that is not detached. */
  readonly retain: number | undefined;
  readonly owner: string | undefined;
  readonly onDisconnect: string | undefined;
  readonly launcher?: Launcher | undefined;
}

export const ONEOFF_STATES = ["starting", "up", "complete", "crashed", "killed"] as const;
export type OneoffState = (typeof ONEOFF_STATES)[number];

/** Like shells, exit codes for signals are 128 + n. */
const SIGNAL_BASE = 128;
const LAST_SIGNAL = 64;

export function stateOf(code: number): Extract<OneoffState, "complete" | "crashed" | "killed"> {
  if (code === 0) return "complete";
  return code > SIGNAL_BASE && code <= SIGNAL_BASE + LAST_SIGNAL ? "killed" : "crashed";
}

/** The signal of an exit code: `SIGKILL` for 137, or `SIG34` for a signal without a name. */
export function signalOf(code: number | undefined): string | undefined {
  if (code === undefined || stateOf(code) !== "killed") return undefined;
  const number = code - SIGNAL_BASE;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;
}

/** The state of a container. One that the engine could not remove has crashed, and its exit code is unknown. */
export function stateOfContainer({ State, Status }: ContainerSummary): Pick<Oneoff, "state" | "code"> {
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
    ...stateOfContainer(container),
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
