import { setTimeout as pause } from "node:timers/promises";
import { type Launcher, launchInside } from "../../app/buildpacks.ts";
import type { Healthcheck } from "../../app/healthchecks.ts";
import { askAddress, isOnOurMachine, knock } from "../../engine/container-address.ts";
import { createExec, startExec } from "../../engine/exec.ts";
import type { Transport } from "../../engine/transport.ts";
import type { Endpoint } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { execNeverStarted } from "../../errors/session.ts";
import { readExecExit } from "../../oneoff/session/exec.ts";
import { FrameParser } from "../../streams/frames.ts";
import { quoted, quotedUpTo } from "../../text/quoted.ts";
import { listens } from "./health-plan.ts";

/** A process that is asked whether it is well. */
export interface Patient {
  /** The container's. */
  readonly id: string;
  /** Its `PORT`. */
  readonly port: number;
  /** Its first network; undefined where it has no address of its own. */
  readonly endpoint: Endpoint | undefined;
  readonly launcher?: Launcher | undefined;
}

interface Asking {
  readonly engine: Transport;
  readonly signal: AbortSignal;
}

/**
 * Asks in the container, at its own address: so it is surely the one that is meant, wherever the engine is, and a server
 * that listens for itself alone does not pass. Values come as words, none of them is looked at by the shell. How long
 * wget may take only we look at: with `-T` a statically linked busybox crashes (seen with 1.35).
 */
const ASK = `unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
url=$1 seconds=$2; shift 2
if command -v curl >/dev/null 2>&1; then
  for header do set -- "$@" -H "$header"; shift; done
  exec curl -fsSk --max-time "$seconds" "$@" "$url"
elif command -v wget >/dev/null 2>&1; then
  for header do set -- "$@" --header "$header"; shift; done
  case $url in https:*) set -- "$@" --no-check-certificate ;; esac
  exec wget -q -O - "$@" "$url"
fi
exit 127`;

/** @returns why the process is not well; undefined when it is. */
export async function attempt(asking: Asking, patient: Patient, check: Healthcheck): Promise<string | undefined> {
  if (check.path !== undefined) return askForPath(asking, patient, check, check.path);
  if (check.listening) return lookForListener(asking, patient, check);
  if (check.command === undefined) return undefined;
  const { code, stdout, stderr } = await runInside(
    asking,
    patient.id,
    launchInside(patient.launcher, check.command),
    check.timeout,
  );
  if (code === 0) return undefined;
  if (code === undefined) return late(check);
  return `the command ended with code ${code}${lastLine(stderr || stdout)}`;
}

async function askForPath(asking: Asking, patient: Patient, check: Healthcheck, path: string) {
  const { scheme, httpHeaders, timeout, content } = check;
  const port = check.port ?? patient.port;
  const headers = httpHeaders.map(({ name, value }) => `${name}: ${value}`);
  const address = patient.endpoint?.IPAddress || "127.0.0.1";
  const url = `${scheme}://${address}:${port}${path}`;
  const words = ["sh", "-c", ASK, "sh", url, String(timeout), ...headers];
  const { code, stdout, stderr } = await runInside(asking, patient.id, words, timeout);
  if (code === undefined) return late(check);
  if (code === 0) return lacks(stdout, content);
  if (code !== 127 && code !== 126) return `no good answer from ${url}${lastLine(stderr)}`;
  if (!patient.endpoint || !isOnOurMachine(asking.engine.endpoint, patient.endpoint)) return NO_WAY;
  const fields = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  return within(asking, check, async (signal) => {
    const { status, body } = await askAddress(new URL(url).origin, path, fields, signal);
    return status < 400 ? lacks(body, content) : `${url} answered ${status}`;
  });
}

async function lookForListener(asking: Asking, { id, port: own, endpoint }: Patient, check: Healthcheck) {
  const port = check.port ?? own;
  const { code, stdout } = await runInside(asking, id, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], check.timeout);
  // Where there is no IPv6, there is no such file.
  if (stdout !== "") return listens(stdout, port) ? undefined : `nothing listens on port ${port}, on all interfaces`;
  if (code === undefined) return late(check);
  if (!endpoint || !isOnOurMachine(asking.engine.endpoint, endpoint)) return NO_WAY;
  return within(asking, check, async (signal) => {
    await knock(endpoint.IPAddress ?? "", port, signal);
    return undefined;
  });
}

const NO_WAY =
  "there is no way to ask it: its image has no sh with curl or wget, and its address cannot be reached from here";

const late = ({ timeout }: Healthcheck) => `no answer within ${timeout} s`;

/** In characters: enough to recognize an error page. */
const LONGEST_EXCERPT = 200;

const lacks = (body: string, content: string | undefined) => {
  if (content === undefined || body.includes(content)) return undefined;
  const excerpt = body.replaceAll(/\s+/g, " ").trim();
  return `expected ${quoted(content)} in the answer, found ${excerpt === "" ? "nothing" : quotedUpTo(LONGEST_EXCERPT, excerpt)}`;
};

const lastLine = (text: string) => {
  const last = text.trim().split("\n").at(-1);
  return last ? `: ${last}` : "";
};

/** @returns what `ask` does, or why it could not. */
async function within(
  { signal }: Asking,
  check: Healthcheck,
  ask: (signal: AbortSignal) => Promise<string | undefined>,
): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(check.timeout * 1000);
  try {
    return await ask(AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    return timeout.aborted ? late(check) : (error as Error).message;
  }
}

/** What became of a command. */
export interface Outcome {
  /** 127 where there is no such program; undefined when it took too long. */
  readonly code: number | undefined;
  /** The beginning of it. */
  readonly stdout: string;
  readonly stderr: string;
}

/** In bytes. */
const MOST = 64 * 1024;

const NO_PROGRAM = { code: 127, stdout: "", stderr: "" };

/** Runs a command in a container, as its user. The engine cannot end one: what takes too long is left to itself. */
export async function runInside(
  { engine, signal }: { readonly engine: Transport; readonly signal: AbortSignal },
  container: string,
  argv: readonly string[],
  seconds: number,
): Promise<Outcome> {
  const id = await createExec(engine, container, {
    DetachKeys: "ctrl-^,ctrl-@",
    Cmd: argv,
    Env: [],
    Tty: false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
  });
  const written = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const frames = new FrameParser((channel, payload) => {
    if (written[channel].length < MOST) written[channel] = Buffer.concat([written[channel], payload]);
  });
  try {
    using connection = await startExec(engine, id, { tty: false });
    const read = connection.read((chunk) => {
      frames.push(chunk);
      return true;
    });
    const stop = new AbortController();
    const late = pause(seconds * 1000, "late" as const, { signal: AbortSignal.any([signal, stop.signal]) });
    late.catch(() => {});
    const ended = await Promise.race([read, late]).finally(() => stop.abort());
    const [stdout, stderr] = [written.stdout.toString(), written.stderr.toString()];
    if (ended === "late") return { code: undefined, stdout, stderr };
    const { code, isStarted } = await readExecExit(engine, id);
    // Docker writes into the output why it could not start a command.
    if (!isStarted && stdout === "") throw execNeverStarted(container);
    return { code, stdout, stderr };
  } catch (error) {
    if (isRefusal(error, 400, 500) && /executable file not found|no such file/i.test(error.reason)) return NO_PROGRAM;
    throw error;
  }
}
