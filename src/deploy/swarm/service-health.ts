import { type Launcher, launchInside } from "../../app/buildpacks.ts";
import type { Healthcheck } from "../../app/healthchecks.ts";
import { quoteWords } from "../../app/quote.ts";
import type { ServiceHealthcheck } from "../../engine/swarm/service-types.ts";
import { checkName, DEFAULT_HEALTH_WAIT_S } from "../rollout/health-plan.ts";

/** Programs that an image may have. */
export type Tool = "sh" | "curl" | "wget";

export interface CheckFacts {
  /** Of app.json, for the process type. */
  readonly checks: readonly Healthcheck[];
  readonly imageHasCheck: boolean;
  readonly tools: ReadonlySet<Tool>;
  /** The value of `PORT`. */
  readonly port: number;
  readonly launcher?: Launcher | undefined;
  /** From oneoff.yaml. */
  readonly healthWait?: number | undefined;
}

export interface ServiceHealth {
  /** Undefined for the health check of the image, and without any. */
  readonly healthcheck: ServiceHealthcheck | undefined;
  /** Whether Swarm waits until a new task is healthy before it stops an old one. */
  readonly isChecked: boolean;
  /** For how long each new task must stay up afterwards. */
  readonly monitorS: number;
  /** Names of checks that no program of the image can run. */
  readonly impossible: readonly string[];
}

/** For how long a healthy task must stay up. */
const MONITOR_S = 5;

/**
 * Swarm replaces a running task only when the new one is healthy, and the engine of each node runs the check: it must be
 * one command of the container. Several checks are joined by a shell.
 */
export function serviceHealth(facts: CheckFacts): ServiceHealth {
  const { checks, tools, imageHasCheck, healthWait = DEFAULT_HEALTH_WAIT_S } = facts;
  const startup = checks.filter(({ type, warn }) => type === "startup" && !warn);
  const uptimes = startup.flatMap(({ uptime }) => uptime ?? []);
  const wanted = startup.filter(({ path, command, listening }) => path || command || listening);
  const [only] = wanted;
  const isPlain = wanted.length === 1 && only?.command !== undefined;
  const possible = isPlain ? wanted : wanted.filter((check) => canRun(check, tools));
  const impossible = wanted.filter((check) => !possible.includes(check)).map(checkName);
  const isChecked = possible.length > 0 || (startup.length === 0 && imageHasCheck);
  return {
    healthcheck: possible.length > 0 ? { Test: testOf(possible, isPlain, facts), ...timesOf(possible) } : undefined,
    isChecked,
    monitorS: Math.max(...uptimes, isChecked ? MONITOR_S : uptimes.length > 0 ? 0 : healthWait),
    impossible,
  };
}

const canRun = ({ path }: Healthcheck, tools: ReadonlySet<Tool>) =>
  tools.has("sh") && (!path || tools.has("curl") || tools.has("wget"));

const SECOND = 1e9;

/** The engine has one set of times: the check that needs most decides. */
function timesOf(checks: readonly Healthcheck[]): Omit<ServiceHealthcheck, "Test"> {
  const most = (of: (check: Healthcheck) => number) => Math.max(...checks.map(of));
  const delay = most(({ initialDelay }) => initialDelay);
  return {
    Interval: most(({ wait }) => wait) * SECOND,
    Timeout: checks.reduce((sum, { timeout }) => sum + timeout, 0) * SECOND,
    Retries: most(({ attempts }) => attempts),
    ...(delay > 0 && { StartPeriod: delay * SECOND }),
  };
}

function testOf(checks: readonly Healthcheck[], isPlain: boolean, { port, launcher }: CheckFacts): string[] {
  const commands = checks.map(({ command }) => launchInside(launcher, command ?? []));
  if (isPlain) return ["CMD", ...(commands[0] ?? [])];
  const lines = checks.map((check, at) => {
    if (check.path !== undefined) return httpScript(check, check.path, port);
    return check.listening ? listeningScript(check.port ?? port) : quoteWords(commands[at] ?? []);
  });
  return ["CMD", "sh", "-c", lines.map((line) => `(${line}) || exit 1`).join("\n")];
}

/** The container's own address: a server that listens on loopback only cannot be reached by others. */
const OWN_ADDRESS = `ip=127.0.0.1
while read -r a b _; do if [ "$b" = "$HOSTNAME" ]; then ip=$a; fi; done < /etc/hosts`;

/** wget gets no timeout option, because a statically linked BusyBox 1.35 crashes with it; the engine has its own. */
function httpScript({ scheme, httpHeaders, content, timeout, port: own }: Healthcheck, path: string, port: number) {
  const url = `${scheme}://$ip:${own ?? port}`;
  const headers = httpHeaders.map(({ name, value }) => `${name}: ${value}`);
  const target = `"${url}"${quoteWords([path])}`;
  const curl = `curl -fsSk --max-time ${timeout} ${headers.map((one) => `-H ${quoteWords([one])} `).join("")}${target}`;
  const insecure = scheme === "https" ? "--no-check-certificate " : "";
  const wget = `wget -q -O - ${insecure}${headers.map((one) => `--header ${quoteWords([one])} `).join("")}${target}`;
  return `${OWN_ADDRESS}
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
if command -v curl >/dev/null 2>&1; then body=$(${curl}); else body=$(${wget}); fi || exit 1
case $body in *${content === undefined ? "" : `${quoteWords([content])}*`}) ;; *) exit 1 ;; esac`;
}

/** A listener that is not bound to loopback, in /proc/net/tcp or tcp6. */
function listeningScript(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return `for table in /proc/net/tcp /proc/net/tcp6; do
  while read -r _ local _ state _; do
    case $local/$state in
      ??????7F:${hex}/0A | 00000000000000000000000001000000:${hex}/0A) ;;
      *:${hex}/0A) exit 0 ;;
    esac
  done < $table
done 2>/dev/null
exit 1`;
}
