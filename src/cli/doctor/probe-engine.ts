import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { EndpointOptions } from "../../engine/endpoint/endpoint-chain.ts";
import { listNodes, toMembership } from "../../engine/swarm/nodes.ts";
import { type EngineInfo, engineInfo, engineVersion } from "../../engine/system.ts";
import type { Transport } from "../../engine/transport.ts";
import { engineUnresponsive } from "../../errors/cli.ts";
import { isRefusal } from "../../errors/engine.ts";
import { OneoffError } from "../../errors/error.ts";
import { userName } from "../../host/user-name.ts";
import { LABEL } from "../../identity/labels.ts";
import { listOwn } from "../../identity/ownership.ts";
import { findShortfalls } from "../../oneoff/apps/degraded.ts";
import { listOneoffs } from "../../oneoff/lookup/find-oneoff.ts";
import { findLeftVolumes } from "../../oneoff/reaping/left-volumes.ts";
import { findOverdue } from "../../oneoff/reaping/reap.ts";
import { readWhole } from "../../streams/read-whole.ts";
import type { Context } from "../context.ts";
import type { EngineFacts, SocketFacts, SwarmFacts } from "./facts.ts";

/** Time limit for the checks of the engine. */
const PROBE_TIMEOUT_MS = 6_000;

/** Reads properties of the engine and its one-offs, or the error that prevents it. */
export async function probeEngine(context: Context, options: EndpointOptions): Promise<EngineFacts> {
  await using engine = context.openEngine(options);
  const ask = async (): Promise<EngineFacts> => {
    const asked = context.now();
    const [version, info] = await Promise.all([engineVersion(engine), engineInfo(engine)]);
    const answered = context.now();
    const [live, overdue, volumes, processes, swarm] = await Promise.all([
      listOneoffs(engine, undefined, "live"),
      findOverdue(engine, context.owner, false, () => {}),
      findLeftVolumes(engine),
      listOwn(engine, { label: [`${LABEL.kind}=process`] }),
      swarmFacts(engine, info),
    ]);
    const engineTime = Date.parse(info.SystemTime ?? "");
    return {
      version,
      info,
      skew: Number.isNaN(engineTime) ? undefined : (engineTime - (asked + answered) / 2) / 1000,
      oneoffs: { live: live.length, overdue: overdue.length, volumes: volumes.length },
      processes: { count: processes.length, down: findShortfalls(processes) },
      swarm,
    };
  };
  const late = pause(PROBE_TIMEOUT_MS, undefined, { ref: false }).then(
    (): EngineFacts => ({ error: engineUnresponsive(PROBE_TIMEOUT_MS / 1000) }),
  );
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    if (error instanceof OneoffError) return { error };
    throw error;
  }
}

async function swarmFacts(engine: Transport, info: EngineInfo): Promise<SwarmFacts | undefined> {
  const { isManager, state, error, managers } = toMembership(info);
  if (state === "inactive") return undefined;
  try {
    return { isManager, state, error, managers, nodes: isManager ? await listNodes(engine) : undefined };
  } catch (failure) {
    if (!isRefusal(failure, 500, 503)) throw failure;
    return { isManager, state, error: error ?? failure.reason, managers, nodes: undefined };
  }
}

/** The group of a socket and the user's membership; undefined if the socket is not accessible. */
export function probeSocket(path: string): SocketFacts | undefined {
  try {
    const { gid, mode } = statSync(path);
    const [group, members] = groupOf(gid);
    return {
      group,
      mode: (mode & 0o777).toString(8),
      isIn: process.getuid?.() === 0 || (process.getgroups?.().includes(gid) ?? false),
      isMember: members.includes(userName() ?? ""),
    };
  } catch {
    return undefined;
  }
}

function groupOf(gid: number): [name: string, members: readonly string[]] {
  const lines = readWhole("/etc/group").toString().split("\n");
  const found = lines.map((line) => line.split(":")).find(([, , id]) => id === String(gid));
  return [found?.[0] ?? String(gid), found?.[3]?.split(",") ?? []];
}
