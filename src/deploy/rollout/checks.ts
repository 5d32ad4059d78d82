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

/** A process to check. */
export interface CheckTarget {
  /** Container ID. */
  readonly id: string;
  /** The value of `PORT`. */
  readonly port: number;
  /** Its first network; undefined if the container has no address of its own. */
  readonly endpoint: Endpoint | undefined;
  readonly launcher?: Launcher | undefined;
}

interface CheckContext {
  readonly engine: Transport;
  readonly signal: AbortSignal;
}

/**
 * Runs in the container and requests its own address: this works with a remote engine, and a server that listens on
 * loopback only fails. Values are passed as arguments, so that the shell does not interpret them. wget gets no
 * timeout option, because a statically linked BusyBox 1.35 crashes with `-T`.
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

/** @returns why the check failed; undefined if it passed. */
export async function runCheck(
  context: CheckContext,
  target: CheckTarget,
  check: Healthcheck,
): Promise<string | undefined> {
  if (check.path !== undefined) return checkPath(context, target, check, check.path);
  if (check.listening) return checkListening(context, target, check);
  if (check.command === undefined) return undefined;
  const { code, stdout, stderr } = await execCheck(
    context,
    target.id,
    launchInside(target.launcher, check.command),
    check.timeout,
  );
  if (code === 0) return undefined;
  if (code === undefined) return timeoutReason(check);
  return `the command exited with code ${code}${lastLine(stderr || stdout)}`;
}

async function checkPath(context: CheckContext, target: CheckTarget, check: Healthcheck, path: string) {
  const { scheme, httpHeaders, timeout, content } = check;
  const port = check.port ?? target.port;
  const headers = httpHeaders.map(({ name, value }) => `${name}: ${value}`);
  const address = target.endpoint?.IPAddress || "127.0.0.1";
  const url = `${scheme}://${address}:${port}${path}`;
  const args = ["sh", "-c", HTTP_SCRIPT, "sh", url, String(timeout), ...headers];
  const { code, stdout, stderr } = await execCheck(context, target.id, args, timeout);
  if (code === undefined) return timeoutReason(check);
  if (code === 0) return findMissingContent(stdout, content);
  if (code !== 127 && code !== 126) return `request to ${url} failed${lastLine(stderr)}`;
  if (!target.endpoint || !isOnThisMachine(context.engine.endpoint, target.endpoint)) return UNREACHABLE;
  const fields = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  return runWithTimeout(context, check, async (signal) => {
    const { status, body } = await httpProbe(new URL(url).origin, path, fields, signal);
    return status < 400 ? findMissingContent(body, content) : `${url} returned status ${status}`;
  });
}

async function checkListening(
  context: CheckContext,
  { id, port: defaultPort, endpoint }: CheckTarget,
  check: Healthcheck,
) {
  const port = check.port ?? defaultPort;
  const { code, stdout } = await execCheck(context, id, ["cat", "/proc/net/tcp", "/proc/net/tcp6"], check.timeout);
  // cat fails if the kernel has no IPv6, because /proc/net/tcp6 does not exist.
  if (stdout !== "")
    return hasListener(stdout, port) ? undefined : `nothing listens on port ${port}, on all interfaces`;
  if (code === undefined) return timeoutReason(check);
  if (!endpoint || !isOnThisMachine(context.engine.endpoint, endpoint)) return UNREACHABLE;
  return runWithTimeout(context, check, async (signal) => {
    await tcpProbe(endpoint.IPAddress ?? "", port, signal);
    return undefined;
  });
}

const UNREACHABLE =
  "it cannot be probed: its image has no sh with curl or wget, and its address cannot be reached from here";

const timeoutReason = ({ timeout }: Healthcheck) => `no response within ${timeout} s`;

/** Enough to recognize an error page. */
const MAX_EXCERPT_CHARS = 200;

const findMissingContent = (body: string, content: string | undefined) => {
  if (content === undefined || body.includes(content)) return undefined;
  const excerpt = body.replaceAll(/\s+/g, " ").trim();
  return `expected ${quoted(content)} in the response, found ${excerpt === "" ? "nothing" : quotedUpTo(MAX_EXCERPT_CHARS, excerpt)}`;
};

const lastLine = (text: string) => {
  const last = text.trim().split("\n").at(-1);
  return last ? `: ${last}` : "";
};

/** @returns the result of `probe`, or why it failed. */
async function runWithTimeout(
  { signal }: CheckContext,
  check: Healthcheck,
  probe: (signal: AbortSignal) => Promise<string | undefined>,
): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(check.timeout * 1000);
  try {
    return await probe(AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    return timeout.aborted ? timeoutReason(check) : (error as Error).message;
  }
}

/** The result of a command in a container. */
export interface ExecResult {
  /** 127 if the program does not exist; undefined on a timeout. */
  readonly code: number | undefined;
  /** Up to `MAX_OUTPUT_BYTES`. */
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT_BYTES = 64 * 1024;

const PROGRAM_NOT_FOUND = { code: 127, stdout: "", stderr: "" };

/** Runs a command as the container's user. After a timeout it keeps running, because the engine cannot stop it. */
async function execCheck(
  { engine, signal }: { readonly engine: Transport; readonly signal: AbortSignal },
  container: string,
  argv: readonly string[],
  timeoutS: number,
): Promise<ExecResult> {
  const id = await createExec(engine, container, {
    Cmd: argv,
    Env: [],
    Tty: false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
  });
  const output = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const frames = new FrameParser((channel, payload) => {
    if (output[channel].length < MAX_OUTPUT_BYTES) output[channel] = Buffer.concat([output[channel], payload]);
  });
  try {
    using connection = await startExec(engine, id, { tty: false });
    const read = connection.read((chunk) => {
      frames.push(chunk);
      return true;
    });
    const done = new AbortController();
    const timeout = pause(timeoutS * 1000, "timeout" as const, { signal: AbortSignal.any([signal, done.signal]) });
    timeout.catch(() => {});
    const outcome = await Promise.race([read, timeout]).finally(() => done.abort());
    const [stdout, stderr] = [output.stdout.toString(), output.stderr.toString()];
    if (outcome === "timeout") return { code: undefined, stdout, stderr };
    const { code, isStarted } = await readExecExit(engine, id);
    // Docker prints the reason to stdout if it cannot start a command.
    if (!isStarted && stdout === "") throw execNeverStarted(container);
    return { code, stdout, stderr };
  } catch (error) {
    if (isRefusal(error, 400, 500) && /executable file not found|no such file/i.test(error.reason))
      return PROGRAM_NOT_FOUND;
    throw error;
  }
}
