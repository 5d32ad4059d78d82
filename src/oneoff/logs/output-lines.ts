import { addAbortListener } from "node:events";
import { inspectContainer } from "../../engine/containers.ts";
import { type LogRange, openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import type { Report } from "../../output/events.ts";
import { chunksOf } from "../../streams/chunks.ts";
import { type LogEntry, LogEntryParser, utcOf } from "../../streams/log-entries.ts";
import type { StampedLine } from "../../streams/stamped-lines.ts";
import type { JournalEntry } from "../journal/journal.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import { retryUntilReconnected } from "../session/reconnect.ts";
import { ChunkLines } from "./chunk-lines.ts";
import type { OutputLine } from "./log-lines.ts";
import type { LogSelection } from "./log-request.ts";
import { LogSize } from "./log-size.ts";

/** A one-off whose container exists. */
export interface InspectedOneoff extends Pick<Oneoff, "id" | "app" | "name"> {
  readonly details: ContainerDetails;
}

export interface ReadContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Aborted when no more output is needed. */
  readonly signal: AbortSignal;
}

export const hasLog = ({ HostConfig }: ContainerDetails) => HostConfig.LogConfig?.Type !== "none";

/** Drivers whose logs the engine keeps; Podman has k8s-file. */
const LOCAL_DRIVERS: ReadonlySet<string | undefined> = new Set(["json-file", "local", "journald", "k8s-file"]);

const isRemoteLog = ({ HostConfig }: ContainerDetails) => !LOCAL_DRIVERS.has(HostConfig.LogConfig?.Type);

/** An attached one-off has no log on purpose. */
const isAttachedOneoff = ({ Config }: ContainerDetails) => Config.Labels?.[LABEL.kind] === "run";

/** @returns undefined if it was just removed. */
export async function inspectOneoff(engine: Transport, { id, app, name }: Pick<Oneoff, "id" | "app" | "name">) {
  try {
    const details = await retryUntilReconnected(engine, () => inspectContainer(engine, id));
    return { id, app, name, details } satisfies InspectedOneoff;
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

/** @param oneoff undefined if the container was removed. */
export function missingOutputReason(
  oneoff: InspectedOneoff | undefined,
  journalled: readonly JournalEntry[],
): "terminal" | "removed" | undefined {
  if (oneoff) return hasLog(oneoff.details) ? undefined : "terminal";
  return journalled.some((entry) => entry.event === "starting" && entry.detached) ? "removed" : "terminal";
}

/** Converts a line of a container's log. */
export const toOutputLine =
  ({ engine }: Pick<ReadContext, "engine">, { id, app, name, details }: InspectedOneoff) =>
  ({ time, channel, text }: StampedLine): OutputLine => {
    const { Running, FinishedAt = "" } = details.State;
    const latest = () => (Running ? new Date(engine.clock.now() * 1000).toISOString() : FinishedAt);
    return { source: "app", time: latestTime(time, latest), app, name, containerId: id, stream: channel, text };
  };

/** Reads the output of a one-off. Empty if the container was removed or the log cannot be read. */
export async function* readOutputLines(
  context: ReadContext,
  oneoff: InspectedOneoff,
  range: LogRange,
): AsyncGenerator<OutputLine[]> {
  const { engine, report, signal } = context;
  const { id, name, details } = oneoff;
  if (!hasLog(details)) {
    if (!isAttachedOneoff(details)) report({ type: "no-output", name, reason: "driver" });
    return;
  }
  using log = await openLogs(engine, id, { ...range, timestamps: true }).catch((error: unknown) => {
    // A driver such as syslog connects to its server before the engine knows that it cannot read.
    const cannotRead = isRefusal(error, 501) || (isRefusal(error, 500) && isRemoteLog(details));
    if (!cannotRead && !isRefusal(error, 404, 409)) throw error;
    if (cannotRead) report({ type: "no-output", name, reason: "driver" });
    return undefined;
  });
  if (!log) return;
  using _closing = addAbortListener(signal, () => log[Symbol.dispose]());
  const parser = new LogEntryParser(details.Config.Tty ? "raw" : "multiplexed", engine.quirks);
  const lines = new ChunkLines(() => "");
  const extent = new LogSize(details.HostConfig.LogConfig, range.tail);
  const push = (entry: LogEntry) => {
    extent.add(entry);
    return lines.push({ ...entry, time: utcOf(entry) });
  };
  const toLine = toOutputLine(context, oneoff);
  for await (const chunk of chunksOf(log)) yield parser.push(chunk).flatMap(push).map(toLine);
  yield [...parser.end().flatMap(push), ...lines.end()].map(toLine);
  if (extent.fullSince) report({ type: "log-full", name, since: extent.fullSince });
}

/**
 * The latest possible time of a line: before version 5.8, Podman reports only the second of a line. The latest time puts the
 * line after the start of the command, and following continues behind it.
 * @param time ISO 8601, UTC, like `latest`, the upper bound.
 */
export function latestTime(time: string, latest: () => string): string {
  if (time.includes(".")) return time;
  const second = time.slice(0, "2026-11-29T01:24:38".length);
  const last = latest();
  return last.startsWith(`${second}.`) ? last : `${second}.999999999Z`;
}

/** Converts ISO 8601, UTC, to a time of the engine's log API: seconds since 1970 with nanoseconds. */
export function toLogTime(time: string): string {
  const [, fraction = ""] = /\.(\d+)/.exec(time) ?? [];
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, "0")}`;
}

/** Converts a selection to a range of the engine's log API. */
export const toLogRange = ({ count, since, until, matches }: LogSelection): LogRange => ({
  // The engine selects the last lines before it applies `until`.
  tail: Number.isFinite(count) && !matches && until === undefined ? count : undefined,
  since: since && toLogTime(since),
  until: until && toLogTime(until),
});

/** @param time as `logTime` returns it. */
export function addNanosecond(time: string): string {
  const [seconds = "", nanoseconds = ""] = time.split(".");
  const next = Number(nanoseconds) + 1;
  return next < 1e9 ? `${seconds}.${String(next).padStart(9, "0")}` : `${Number(seconds) + 1}.000000000`;
}
