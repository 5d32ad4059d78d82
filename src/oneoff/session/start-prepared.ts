import { startContainer } from "../../engine/containers.ts";
import { isInitMissing } from "../../engine/missing-init.ts";
import type { Transport } from "../../engine/transport.ts";
import type { Report } from "../../output/events.ts";
import { type Journal, openRecord } from "../journal/journal.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import { toStartError } from "./command-refusal.ts";
import type { PreparedOneoff } from "./prepare.ts";
import { explainRefusedOption, reportPorts } from "./published-ports.ts";

export interface StartContext {
  readonly engine: Transport;
  readonly report: Report;
  readonly journal: Journal;
  /** Called after the start. */
  readonly onStart?: () => void;
}

/** Starts a one-off and records the start, or why it failed. */
export async function startPrepared(
  { engine, journal, report, onStart }: StartContext,
  spec: OneoffSpec,
  { container, markStarted }: PreparedOneoff,
): Promise<void> {
  const record = openRecord(journal, { ...container, app: spec.app });
  record.starting(spec);
  try {
    await startContainer(engine, container.id);
  } catch (error) {
    const lacksInit = spec.init !== "none" && (await isInitMissing(engine, error));
    record.exited(undefined, { replaced: lacksInit && spec.init === "default" });
    throw lacksInit ? error : toStartError(await explainRefusedOption(engine, error, spec.ports), spec.command[0]);
  }
  record.up();
  markStarted();
  onStart?.();
  await reportPorts(engine, report, spec, container);
}

/** @returns why an attach failed, recorded if the one-off cannot be started: Podman prepares the command on attach. */
export async function attachFailure(
  { engine, journal }: StartContext,
  spec: OneoffSpec,
  { container }: PreparedOneoff,
  error: unknown,
): Promise<unknown> {
  const failure = toStartError(await explainRefusedOption(engine, error, spec.ports), spec.command[0]);
  if (failure !== error) {
    const record = openRecord(journal, { ...container, app: spec.app });
    record.starting(spec);
    record.exited(undefined);
  }
  return failure;
}
