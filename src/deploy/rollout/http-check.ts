import type { Healthcheck } from "../../app/healthchecks.ts";
import { httpProbe, isOnThisMachine, type WebAnswer } from "../../engine/container-address.ts";
import { quoted, quotedUpTo } from "../../text/quoted.ts";
import { type CheckContext, type CheckTarget, execCheck } from "./exec-check.ts";
import { type CheckFailure, lastLine, timeoutReason, UNREACHABLE } from "./health-plan.ts";

/**
 * Runs in the container and requests its own address: this works with a remote engine, and a server that listens on
 * loopback only fails. Values are passed as arguments, so that the shell does not interpret them. wget gets no
 * timeout option, because a statically linked BusyBox 1.35 crashes with `-T`. curl prints the head of the response,
 * because before version 7.76 it cannot print the body of an error otherwise. BusyBox needs nc for that.
 */
const HTTP_SCRIPT = `unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
url=$1 seconds=$2; shift 2
if command -v curl >/dev/null 2>&1; then
  for header do set -- "$@" -H "$header"; shift; done
  exec curl -isSk --max-time "$seconds" "$@" "$url"
elif command -v wget >/dev/null 2>&1; then
  for header do set -- "$@" --header "$header"; shift; done
  case $url in https:*) set -- "$@" --no-check-certificate ;; esac
  case $(wget --version 2>&1) in
    GNU*) exec wget -nv -S --content-on-error -O - "$@" "$url" ;;
  esac
  wget -q -O - "$@" "$url" && exit
  code=$?
  case $url in https:*) exit $code ;; esac
  rest=\${url#http://}
  place=\${rest%%/*}
  {
    printf 'GET /%s HTTP/1.0\\r\\nHost: %s\\r\\nConnection: close\\r\\n' "\${rest#*/}" "$place"
    for header do [ "$header" = --header ] || printf '%s\\r\\n' "$header"; done
    printf '\\r\\n'
  } | nc -w 1 "\${place%:*}" "\${place##*:}" 2>/dev/null
  exit $code
fi
exit 127`;

const FAILED_STATUS = 400;

/** Requests a path in the container, or from here if its image has neither curl nor wget. */
export async function checkPath(
  context: CheckContext,
  target: CheckTarget,
  { scheme, httpHeaders, timeout, content, port = target.port }: Healthcheck,
  path: string,
): Promise<CheckFailure | undefined> {
  const { id, endpoint } = target;
  const url = `${scheme}://${endpoint?.IPAddress || "127.0.0.1"}:${port}${path}`;
  const headers = httpHeaders.map(({ name, value }) => `${name}: ${value}`);
  const args = ["sh", "-c", HTTP_SCRIPT, "sh", url, String(timeout), ...headers];
  const { code, stdout, stderr } = await execCheck(context, id, args, timeout);
  if (code === undefined) return { reason: timeoutReason(timeout) };
  if (code === 127 || code === 126) return probePath(context, target, { url, httpHeaders, timeout, content });
  if (code === 0) return judge(url, parseAnswer(stdout, 200), content);
  const status = statusIn(stderr);
  // A response may break off after a status of success.
  if (status === undefined || status < FAILED_STATUS)
    return { reason: `request to ${url} failed${lastLine(stderr)}`, summary: summarize(stderr) };
  // The second request of BusyBox may have another result, and follows no redirect.
  const answer = parseAnswer(stdout, status);
  return judge(url, { status, body: answer.status === status ? answer.body : "" }, content);
}

/** Sends the request from here. */
async function probePath(
  context: CheckContext,
  { endpoint }: CheckTarget,
  {
    url,
    httpHeaders,
    timeout,
    content,
  }: Pick<Healthcheck, "httpHeaders" | "timeout"> & { readonly url: string; readonly content: string | undefined },
): Promise<CheckFailure | undefined> {
  if (!endpoint || !isOnThisMachine(context.engine.endpoint, endpoint)) return { reason: UNREACHABLE };
  const { origin } = new URL(url);
  const fields = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  const probe = (signal: AbortSignal) => httpProbe(origin, url.slice(origin.length), fields, signal);
  const failure = await withTimeout(context, timeout, probe, (answer) => judge(url, answer, content));
  return typeof failure === "string" ? { reason: failure, summary: summarize(failure) } : failure;
}

function judge(url: string, { status, body }: WebAnswer, content: string | undefined): CheckFailure | undefined {
  if (status >= FAILED_STATUS)
    return { reason: `${url} returned status ${status}`, summary: `status ${status}`, response: body };
  if (content === undefined || body.includes(content)) return undefined;
  const excerpt = body.replaceAll(/\s+/g, " ").trim();
  return {
    summary: `expected ${quoted(content)} in the response`,
    reason: `expected ${quoted(content)} in the response, found ${excerpt === "" ? "nothing" : quotedUpTo(MAX_EXCERPT_CHARS, excerpt)}`,
    response: body,
  };
}

/** Enough to recognize an error page. */
const MAX_EXCERPT_CHARS = 200;

const HEAD = /^HTTP\/[\d.]+ (\d{3})[\s\S]*?\r?\n\r?\n/;

/** Separates the head from the body. @param status of an output without a head. */
function parseAnswer(output: string, status: number): WebAnswer {
  const [head, code] = HEAD.exec(output) ?? [];
  if (head === undefined) return { status, body: output };
  const rest = output.slice(head.length);
  // An interim answer, e.g. 103 Early Hints, precedes the final one.
  return Number(code) < 200 ? parseAnswer(rest, status) : { status: Number(code), body: rest };
}

/** The last status that wget has printed, after redirects. */
function statusIn(stderr: string): number | undefined {
  const status = stderr
    .matchAll(/\bHTTP\/[\d.]+ (\d{3})\b/g)
    .toArray()
    .at(-1)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** The cause in the words of a program, or in short if it is the usual one. */
function summarize(output: string): string {
  if (/refused|couldn't connect|could not connect/i.test(output)) return "connection refused";
  const [, cause = "request failed"] = /^: (?:\w+: )?(?:\(\d+\) )?(.*)$/.exec(lastLine(output)) ?? [];
  return cause;
}

/** @returns the result of `use`, or why `probe` failed. */
export async function withTimeout<T, R>(
  { signal }: CheckContext,
  timeoutS: number,
  probe: (signal: AbortSignal) => Promise<T>,
  use: (answer: T) => R,
): Promise<R | string> {
  const timeout = AbortSignal.timeout(timeoutS * 1000);
  try {
    return use(await probe(AbortSignal.any([signal, timeout])));
  } catch (error) {
    signal.throwIfAborted();
    return timeout.aborted ? timeoutReason(timeoutS) : (error as Error).message;
  }
}
