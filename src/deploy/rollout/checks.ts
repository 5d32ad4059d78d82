import { setTimeout as pause } from "node:timers/promises";
import { type Launcher, launchInside } from "../../app/buildpacks.ts";
import type { Healthcheck } from "../../app/healthchecks.ts";
import { httpProbe, isOnThisMachine, tcpProbe } from "../../engine/container-address.ts";
import { createExec, startExec } from "../../engine/exec.ts";
import type { Transport } from "../../engine/transport.ts";
import type { Endpoint } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { execNeverStarted } from "../../errors/session.ts";
import { readExecExit } from "../../oneoff/session/exec.ts";
import { FrameParser } from "../../streams/frames.ts";
import { quoted, quotedUpTo } from "../../text/quoted.ts";
import { hasListener } from "./health-plan.ts";

/** A process that is asked whether it is well. */
export interface CheckTarget {
  /** The container's. */
  readonly id: string;
  /** Its `PORT`. */
  readonly port: number;
  /** Its first network; undefined where it has no address of its own. */
  readonly endpoint: Endpoint | undefined;
  readonly launcher?: Launcher | undefined;
}

interface CheckContext {
  readonly engine: Transport;
  readonly signal: AbortSignal;
}

/**
 * Asks in the container, at its own address: so it is surely the one that is meant, wherever the engine is, and a server
 * that listens for itself alone does not pass. Values come as words, none of them is looked at by the shell. How long
 * wget may take only we look at: with `-T` a statically linked busybox crashes (seen with 1.35).
 */
const HTTP_SCRIPT = `unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
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
export async function runCheck(
  asking: CheckContext,
  patient: CheckTarget,
  check: Healthcheck,
): Promise<string | undefined> {
  if (check.path !== undefined) return checkPath(asking, patient, check, check.path);
  if (check.listening) return checkListening(asking, patient, check);
  if (check.command === undefined) return undefined;
  const { code, stdout, stderr } = await execCheck(
    asking,
    patient.id,
    launchInside(patient.launcher, check.command),
    check.timeout,
  );
  if (code === 0) return undefined;
  if (code === undefined) return timeoutReason(check);
  return `the command ended with code ${code}${lastLine(stderr || stdout)}`;
}

async function checkPath(asking: CheckContext, patient: CheckTarget, check: Healthcheck, path: string) {
  const { scheme, httpHeaders, timeout, content } = check;
  const port = check.port ?? patient.port;
  const headers = httpHeaders.map(({ name, value }) => `${name}: ${value}`);
  const address = patient.endpoint?.IPAddress || "127.0.0.1";
  const url = `${scheme}://${address}:${port}${path}`;
  const words = ["sh", "-c", HTTP_SCRIPT, "sh", url, String(timeout), ...headers];
  const { code, stdout, stderr } = await execCheck(asking, patient.id, words, timeout);
  if (code === undefined) return timeoutReason(check);
  if (code === 0) return findMissingContent(stdout, content);
  if (code !== 127 && code !== 126) return `no good answer from ${url}${lastLine(stderr)}`;
  if (!patient.endpoint || !isOnThisMachine(asking.engine.endpoint, patient.endpoint)) return UNREACHABLE;
  const fields = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  return runWithTimeout(asking, check, async (signal) => {
    const { status, body } = await httpProbe(new URL(url).origin, path, fields, signal);
    return status < 400 ? findMissingContent(body, content) : `${url} answered ${status}`;
  });
}

async function checkListening(asking: CheckContext, { id, port: own, endpoint }: CheckTarget, check: Healthcheck) {
  const port = check.port ?? own;
  const { code, stdout } = await execCheck(asking, id, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], check.timeout);
  // Where there is no IPv6, there is no such file.
  if (stdout !== "")
    return hasListener(stdout, port) ? undefined : `nothing listens on port ${port}, on all interfaces`;
  if (code === undefined) return timeoutReason(check);
  if (!endpoint || !isOnThisMachine(asking.engine.endpoint, endpoint)) return UNREACHABLE;
  return runWithTimeout(asking, check, async (signal) => {
    await tcpProbe(endpoint.IPAddress ?? "", port, signal);
    return undefined;
  });
}

const UNREACHABLE =
  "there is no way to ask it: its image has no sh with curl or wget, and its address cannot be reached from here";

const timeoutReason = ({ timeout }: Healthcheck) => `no answer within ${timeout} s`;

/** In characters: enough to recognize an error page. */
const MAX_EXCERPT_CHARS = 200;

const findMissingContent = (body: string, content: string | undefined) => {
  if (content === undefined || body.includes(content)) return undefined;
  const excerpt = body.replaceAll(/\s+/g, " ").trim();
  return `expected ${quoted(content)} in the answer, found ${excerpt === "" ? "nothing" : quotedUpTo(MAX_EXCERPT_CHARS, excerpt)}`;
};

const lastLine = (text: string) => {
  const last = text.trim().split("\n").at(-1);
  return last ? `: ${last}` : "";
};

/** @returns what `ask` does, or why it could not. */
async function runWithTimeout(
  { signal }: CheckContext,
  check: Healthcheck,
  ask: (signal: AbortSignal) => Promise<string | undefined>,
): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(check.timeout * 1000);
  try {
    return await ask(AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    return timeout.aborted ? timeoutReason(check) : (error as Error).message;
  }
}

/** What became of a command. */
export interface ExecResult {
  /** 127 where there is no such program; undefined when it took too long. */
  readonly code: number | undefined;
  /** The beginning of it. */
  readonly stdout: string;
  readonly stderr: string;
}

/** In bytes. */
const MAX_OUTPUT_BYTES = 64 * 1024;

const PROGRAM_NOT_FOUND = { code: 127, stdout: "", stderr: "" };

/** Runs a command in a container, as its user. The engine cannot end one: what takes too long is left to itself. */
export async function execCheck(
  { engine, signal }: { readonly engine: Transport; readonly signal: AbortSignal },
  container: string,
  argv: readonly string[],
  seconds: number,
): Promise<ExecResult> {
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
    if (written[channel].length < MAX_OUTPUT_BYTES) written[channel] = Buffer.concat([written[channel], payload]);
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
    if (isRefusal(error, 400, 500) && /executable file not found|no such file/i.test(error.reason))
      return PROGRAM_NOT_FOUND;
    throw error;
  }
}
