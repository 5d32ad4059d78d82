import { addAbortListener } from "node:events";
import { type LogRange, openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import type { Report } from "../../output/events.ts";
import { type LogEntry, LogEntryParser, utcOf } from "../../streams/log-entries.ts";
import { pieces } from "../../streams/pieces.ts";
import type { StampedLine } from "../../streams/stamped-lines.ts";
import { LogExtent } from "../follow/log-extent.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import { PieceLines } from "./chunk-lines.ts";
import type { OutputLine } from "./lifecycle.ts";

/** A one-off whose container the engine has. */
export interface Logged extends Pick<Oneoff, "id" | "app" | "name"> {
  readonly details: ContainerDetails;
}

export interface ReadingContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Aborted when nobody wants more of it. */
  readonly signal: AbortSignal;
}

export const isKept = ({ HostConfig }: ContainerDetails) => HostConfig.LogConfig?.Type !== "none";

/** A line of a log as one of a one-off's. */
export const toOutput =
  ({ engine }: Pick<ReadingContext, "engine">, { id, app, name, details }: Logged) =>
  ({ time, channel, text }: StampedLine): OutputLine => {
    const { Running, FinishedAt = "" } = details.State;
    const latest = () => (Running ? new Date(engine.clock.now() * 1000).toISOString() : FinishedAt);
    return { source: "app", time: momentOf(time, latest), app, name, containerId: id, stream: channel, text };
  };

/** What a one-off has written; nothing of one that has gone, or whose log cannot be read. */
export async function* outputLines(
  context: ReadingContext,
  logged: Logged,
  range: LogRange,
): AsyncGenerator<OutputLine[]> {
  const { engine, report, signal } = context;
  const { id, name, details } = logged;
  if (!isKept(details)) return;
  using log = await openLogs(engine, id, { ...range, timestamps: true }).catch((error: unknown) => {
    if (!isRefusal(error, 404, 409, 501)) throw error;
    if (error.status === 501) report({ type: "no-output", name, reason: "driver" });
    return undefined;
  });
  if (!log) return;
  using _closing = addAbortListener(signal, () => log[Symbol.dispose]());
  const parser = new LogEntryParser(details.Config.Tty ? "raw" : "multiplexed", engine.dialect);
  const lines = new PieceLines(() => "");
  const extent = new LogExtent(details.HostConfig.LogConfig, range.tail);
  const push = (entry: LogEntry) => {
    extent.add(entry);
    return lines.push({ ...entry, time: utcOf(entry) });
  };
  const toLine = toOutput(context, logged);
  for await (const piece of pieces(log)) yield parser.push(piece).flatMap(push).map(toLine);
  yield [...parser.end().flatMap(push), ...lines.end()].map(toLine);
  if (extent.fullSince) report({ type: "log-full", name, since: extent.fullSince });
}

/**
 * The last moment that a line can be of: Podman tells before version 5.8 of a line in which second it was written, and no
 * more. So it comes after the command's start, and what follows is not what has been told already.
 * @param time ISO 8601, UTC, as `latest`: what no line is later than.
 */
export function momentOf(time: string, latest: () => string): string {
  if (time.includes(".")) return time;
  const second = time.slice(0, "2026-11-29T01:24:38".length);
  const last = latest();
  return last.startsWith(`${second}.`) ? last : `${second}.999999999Z`;
}

/** A moment as the engine's logs take it, in seconds since 1970 with nanoseconds. @param time ISO 8601, UTC. */
export function logTime(time: string): string {
  const [, fraction = ""] = /\.(\d+)/.exec(time) ?? [];
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, "0")}`;
}

/** The nanosecond after. @param time as `logTime` has it. */
export function nextInstant(time: string): string {
  const [seconds = "", nanoseconds = ""] = time.split(".");
  const next = Number(nanoseconds) + 1;
  return next < 1e9 ? `${seconds}.${String(next).padStart(9, "0")}` : `${Number(seconds) + 1}.000000000`;
}
