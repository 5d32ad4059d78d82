import type { Listing } from "../../oneoff/lookup/listed.ts";
import { signalOf } from "../../oneoff/lookup/oneoff.ts";
import type { ListedProcess, ProcessGroup } from "../../output/process-list.ts";

/** @param app the requested app; without one, headings name the app if there are several. */
export function toGroups({ oneoffs, processes }: Listing, app: string | undefined): ProcessGroup[] {
  const byApp = Map.groupBy(oneoffs, (oneoff) => oneoff.app);
  const ofApps = Array.from(byApp, ([whose, list]) => ({
    heading: `run: one-off processes${app === undefined && byApp.size > 1 ? ` of ${whose}` : ""}`,
    processes: list.map((oneoff) => listed(oneoff)),
  }));
  // The containers of a type may run different commands while a new release takes over.
  const byType = Map.groupBy(processes, ({ type, command }) => `${type}: ${command}`);
  const ofTypes = Array.from(byType, ([heading, list]) => ({
    heading,
    processes: list.map((process) => listed({ ...process, command: undefined, ended: undefined })),
  }));
  return [...ofApps, ...ofTypes];
}

const listed = (one: Omit<ListedProcess, "signal">): ListedProcess => ({
  ...one,
  signal: signalOf(one.code),
});

/** Every key is always present, null if it does not apply. Times are ISO 8601, durations in seconds. */
export const toJson = ({ oneoffs, processes }: Listing, app: string | undefined) => [
  ...oneoffs.map((oneoff) => ({
    ...common(oneoff, oneoff.app, "run"),
    processType: oneoff.processType ?? null,
    timeout: oneoff.timeout ?? null,
    retain: oneoff.retain ?? null,
    finishedAt: oneoff.ended === undefined ? null : isoTime(oneoff.ended),
  })),
  ...processes.map((process) => ({
    ...common(process, app ?? "", process.type),
    processType: process.type,
    timeout: null,
    retain: null,
    finishedAt: null,
  })),
];

type Common = Listing["oneoffs" | "processes"][number];

const common = (
  { name, containerName, id, state, code, command, created, task }: Common,
  app: string,
  type: string,
) => ({
  app,
  name,
  type,
  container: containerName ?? null,
  containerId: task ? (task.containerId ?? null) : id,
  state,
  exitCode: code ?? null,
  signal: signalOf(code) ?? null,
  command,
  createdAt: isoTime(created),
  ...{ node: task?.node ?? null, slot: task?.slot ?? null, task: task?.task ?? null, error: task?.error ?? null },
});

const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString();
