import type { Buffer } from "node:buffer";
import type { Channel } from "../../streams/frames.ts";
import type { LogEntry } from "../../streams/log-entries.ts";
import type { ChannelPosition, JointFacts } from "./channel-position.ts";
import { bytesOf } from "./followed-log.ts";

type Joints = Readonly<Record<Channel, number>>;

/** @returns where in the log the live stream of each channel begins; undefined as long as that is open. */
export function findJoints(
  positions: Readonly<Record<Channel, ChannelPosition>>,
  entries: readonly LogEntry[],
  held: Readonly<Record<Channel, Buffer>>,
  facts: Omit<JointFacts, "log" | "live">,
): Joints | undefined {
  const logs = { stdout: bytesOf(entries, "stdout"), stderr: bytesOf(entries, "stderr") };
  const jointOf = (channel: Channel, isLate = facts.isLate) =>
    positions[channel].jointOf({ ...facts, isLate, log: logs[channel], live: held[channel] });
  const joints = { stdout: jointOf("stdout"), stderr: jointOf("stderr") };
  // A channel that brings nothing does not keep the other one, and with it the container, waiting.
  const withIdle = (channel: Channel, other: Channel) => {
    const isOtherReady = joints[other] !== undefined && held[other].length > 0;
    return joints[channel] ?? (isOtherReady && held[channel].length === 0 ? jointOf(channel, true) : undefined);
  };
  const [stdout, stderr] = [withIdle("stdout", "stderr"), withIdle("stderr", "stdout")];
  return stdout === undefined || stderr === undefined ? undefined : { stdout, stderr };
}
