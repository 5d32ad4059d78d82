import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { type Fault, type FaultyEngine, faultyEngine, PLACES } from "./faulty-engine.ts";
import { BINARY, type Said, said } from "./oneoff-suite.ts";
import { start } from "./process.ts";

/** A command that is tried on an engine on the way to which something goes wrong. */
export interface Subject {
  /** After `oneoff`. Whatever it says on stderr is an error. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether what was to be done is done. */
  done(said: Said): Promise<boolean>;
  /** What is there that should not be. */
  left(): Promise<readonly string[]>;
  /** Ends what is left of a client that could not, as it is documented to be done. */
  recover(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** In milliseconds. An engine that has gone is asked for some seconds, whether it is back. */
const COMMAND_TIMEOUT_MS = 100_000;

/** 128 + SIGINT. */
const INTERRUPTED = 130;

/** How long a stalled command is left alone before each signal, in milliseconds. */
const STALLED = 300;

/** How long the engine may take to remove what it was told to remove, in milliseconds. */
const REMOVAL = 15_000;

async function perform({ words, cwd, env }: Subject, engine: FaultyEngine, isStalled: boolean): Promise<Said> {
  const settings = { cwd, env: { ...env, DOCKER_HOST: engine.host }, timeout: COMMAND_TIMEOUT_MS };
  await using live = await start([BINARY, ...words], settings);
  // Nobody can tell a stalled answer from a slow engine's, which answers a ping: it is waited for until a signal comes.
  if (isStalled) await Promise.race([engine.struck, live.done]);
  for (let signals = 0; isStalled && signals < 3; signals += 1) {
    if (await Promise.race([live.done, sleep(STALLED)])) break;
    live.child.kill("SIGINT");
  }
  return await said(live);
}

/** All requests of a command when nothing goes wrong. */
export async function requestsOf(host: string, begin: () => Promise<Subject>): Promise<readonly string[]> {
  await using subject = await begin();
  await using engine = await faultyEngine(host);
  const result = await perform(subject, engine, false);
  expect(result).toMatchObject({ code: 0 });
  expect(await subject.done(result)).toBe(true);
  return [...engine.requests];
}

/** Everything that can go wrong at each of these. A stalled answer is the same wherever it stops. */
export const allFaults = (requests: readonly string[]): Fault[] =>
  requests.flatMap((request) => [
    ...PLACES.flatMap((at): Fault[] => [
      { kind: "cut", request, at },
      { kind: "reset", request, at },
      { kind: "cut", request, at, forGood: true },
    ]),
    { kind: "stall", request, at: "start" },
  ]);

/** What is wrong with how a command ends when this goes wrong. @returns undefined when it has not gone wrong. */
export async function trial(host: string, begin: () => Promise<Subject>, fault: Fault): Promise<string[] | undefined> {
  await using subject = await begin();
  await using engine = await faultyEngine(host, fault);
  const problems: string[] = [];
  try {
    const result = await perform(subject, engine, fault.kind === "stall");
    if (!engine.hasStruck) return undefined;
    const { code, stderr } = result;
    const errors = stderr.match(/^oneoff: /gm)?.length ?? 0;
    // Who ends a stalled command knows why it ended.
    const isInterrupted = fault.kind === "stall" && (code === null || code === INTERRUPTED);
    if (code === null && !isInterrupted) problems.push("ended by a signal");
    if (code === 0 && !(await subject.done(result))) problems.push("exit code 0, and not done");
    if (code !== 0 && errors !== 1 && !(isInterrupted && errors === 0)) problems.push(`${errors} errors`);
    if (/^ +at |Bug in oneoff/m.test(stderr)) problems.push("a fault of its own");
    if (problems.length > 0) problems.push(JSON.stringify(result));
  } catch (error) {
    problems.push((error as Error).message);
  }
  // Without an engine nothing could be removed, nor where the removal itself went wrong: that is for whoever comes next.
  const isForOthers = fault.forGood || fault.kind === "stall" || fault.request.startsWith("DELETE");
  if (!isForOthers) problems.push(...(await settled(subject)));
  await subject.recover();
  problems.push(...(await settled(subject)));
  return problems;
}

async function settled(subject: Subject): Promise<string[]> {
  for (const until = Date.now() + REMOVAL; ; await sleep(50)) {
    const left = await subject.left();
    if (left.length === 0) return [];
    if (Date.now() > until) return [`left: ${left.join(", ")}`];
  }
}

/** Tries all of these. @returns what is wrong, by what went wrong before. */
export async function sweep(host: string, begin: () => Promise<Subject>, faults: readonly Fault[]): Promise<string[]> {
  const found: string[] = [];
  for (const fault of faults) {
    const problems = (await trial(host, begin, fault)) ?? [];
    const what = `${fault.kind}${fault.forGood ? " for good" : ""} at ${fault.request}, ${fault.at}`;
    found.push(...problems.map((problem) => `${what}: ${problem}`));
  }
  return found;
}
