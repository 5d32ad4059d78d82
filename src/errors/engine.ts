import { escapeControls } from "../text/escape.ts";
import { plain, quoted } from "../text/quoted.ts";
import { HOW_TO_POINT, OneoffError, usage } from "./error.ts";

/** @param looked the sockets that were looked for. @param others whose were, too. */
export const noEndpoint = (looked: readonly string[], others: readonly string[]) =>
  new OneoffError(
    "no-engine",
    `No engine socket found (looked for ${looked.join(", ")}, and those of ${others.join(", ")})`,
    { next: `start the engine, or say where it listens: ${HOW_TO_POINT}` },
  );

/** @param from what says so. */
export const badHost = (host: string, from: string, next = HOW_TO_POINT) =>
  usage(
    "bad-host",
    `${plain(from)}: expected unix:///path/to/docker.sock, tcp://host[:port] or ssh://[user@]host, found ${quoted(host)}`,
    next,
  );

/** @param source what has named it. @param known those that there are. */
export const unknownContext = (name: string, source: string, known: readonly string[]) =>
  usage(
    "unknown-context",
    `${source}: there is no docker context ${quoted(name)}; there ${known.length === 1 ? "is" : "are"} ${known.map(plain).join(", ")}`,
    "docker context ls, then: oneoff --context NAME …",
  );

/** @param problem completes its name. */
export const badDockerFile = (file: string, problem: string) =>
  usage(
    "bad-docker-file",
    `${escapeControls(file)} ${problem}`,
    `mend it, or say where the engine listens: ${HOW_TO_POINT}`,
  );

export const engineTooOld = (version: string, floor: string) =>
  new OneoffError("engine-too-old", `The engine speaks API ${version}; oneoff needs ${floor} (Engine 20.10) or newer`, {
    next: `upgrade it, or use another: ${HOW_TO_POINT}`,
  });

/** @param floor the oldest version of the API that the engine speaks. @param bounded whether we could have asked for more. */
export const engineTooNew = (asked: string, floor: string, bounded: boolean) =>
  new OneoffError("engine-too-new", `The engine speaks API ${floor} or newer, oneoff ${asked}`, {
    next: bounded ? UNBOUND : "install a newer oneoff",
  });

const UNBOUND = "unset DOCKER_API_VERSION";

export const badApiVersion = (version: string, expected: string) =>
  usage("bad-api-version", `DOCKER_API_VERSION: expected ${expected}, found ${quoted(version)}`, UNBOUND);

/** An answer that is no engine's: without tags, on one line, and no longer than is worth reading. */
const gist = (status: number, text: string) => {
  const words = text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain(words.startsWith(String(status)) ? words : `${status} ${words}`.trim());
};

/** What answers with this in place of an engine. */
export const notAnEngine = (place: string, status: number, body: string) =>
  new OneoffError(
    "not-an-engine",
    `What answers at ${plain(place)} is no Docker Engine, nor a proxy that reaches one: ${gist(status, body)}`,
    { next: `say where the engine listens: ${HOW_TO_POINT}` },
  );

export const proxyRefused = (
  place: string,
  { method, path }: { method: string; path: string },
  status: number,
  body: string,
) =>
  new OneoffError("proxy-refused", `A proxy at ${plain(place)} refuses ${method} ${path}: ${gist(status, body)}`, {
    next: "let the proxy allow it, or go round it",
  });

/** A connection that should have been handed over, and was answered as if it were any. */
export const upgradeLost = (place: string, status: number) =>
  new OneoffError(
    "upgrade-lost",
    `A proxy at ${plain(place)} does not hand the connection over: it answers ${status} in place of 101`,
    { next: 'let it pass "Connection: Upgrade" on, or go round it' },
  );

/** The engine's own words, whole. `status` is its HTTP status. */
export class EngineRefused extends OneoffError {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, request: { method: string; path: string }) {
    // Its words can be about anything: whoever knows what was asked for says what to do.
    super("engine-refused", reason || `The engine answered ${status} to ${request.method} ${request.path}`, {
      next: undefined,
    });
    this.status = status;
    this.reason = reason;
  }
}

export const engineRefused = (...facts: ConstructorParameters<typeof EngineRefused>) => new EngineRefused(...facts);

/** Whether the engine refused with one of these HTTP statuses. */
export const isRefusal = (error: unknown, ...statuses: number[]): error is EngineRefused =>
  error instanceof EngineRefused && statuses.includes(error.status);

/** @param problem as in `expected a list, found null`. @param found what came, where that helps. */
export const badAnswer = (request: { method: string; path: string }, problem: string, found?: string) =>
  new OneoffError(
    "bad-answer",
    `The engine sent an invalid answer to ${request.method} ${request.path}: ${problem}${found === undefined ? "" : `, found ${quoted(found)}`}`,
    { next: `see what listens there, or use another: ${HOW_TO_POINT}` },
  );

export const waitBroken = (cause: unknown) =>
  new OneoffError("wait-broken", "The connection to the engine broke before the exit code was known", {
    next: "oneoff ps --all",
    cause,
  });

/**
 * @param server the registry, unless it is docker.io. @param without why there were no credentials where there should
 * have been some.
 */
export const pullFailed = (image: string, reason: string, server?: string, without?: OneoffError) => {
  const isDenied = /denied|unauthorized|authentication|no basic auth/i.test(reason);
  const next = without
    ? without.next
    : isDenied
      ? `docker login${server ? ` ${server}` : ""}`
      : "bring it as a file: docker load -i image.tar";
  return new OneoffError(
    "pull-failed",
    [`Cannot pull ${image}: ${reason}`, ...(without ? [`it was tried without credentials: ${without.message}`] : [])],
    { next },
  );
};

export const exitUnknown = (reason: string) =>
  new OneoffError("exit-unknown", `The engine could not tell how the command ended: ${reason}`, {
    next: "oneoff ps --all",
  });

export const isExitUnknown = (error: unknown) => error instanceof OneoffError && error.code === "exit-unknown";

export const isConnectionLoss = (error: unknown): error is OneoffError =>
  error instanceof OneoffError &&
  ["engine-unreachable", "wait-broken", "stream-cut", "download-cut"].includes(error.code);

export const downloadCut = () =>
  new OneoffError("download-cut", "The connection to the engine broke before all had come", {
    next: "once it answers, try again: oneoff ps --all",
  });

/** @param step where it happened. @param code that of the step's command. */
export const buildFailed = (reason: string, step: string | undefined, code?: number) => {
  const ended = code ?? /(?:exit code:|non-zero code:|exit status) (\d+)\s*$/.exec(reason)?.[1];
  // What BuildKit calls itself, and what it was about to do, is no news to anybody.
  const why = reason.replace(
    /^((failed to solve( with frontend \S+)?|failed to (create|build) LLB( definition)?): )+/,
    "",
  );
  return new OneoffError(
    "build-failed",
    step !== undefined && ended !== undefined
      ? `The build failed at ${quoted(step)}, which ended with code ${ended}`
      : `The build failed${step === undefined ? "" : ` at ${quoted(step)}`}: ${why}`,
    { next: "mend the Dockerfile, or what it needs, then deploy again" },
  );
};

export const imageNotNamed = () =>
  new OneoffError("build-failed", "The build has ended, and the engine has not said which image it made", {
    next: "deploy again",
  });

export const loadFailed = (reason: string) =>
  new OneoffError(
    "load-failed",
    /manifest\.json|repositories/.test(reason)
      ? "The archive has no image in it: it is not what docker save writes"
      : `The engine cannot load the archive: ${
          /unexpected (EOF|end of data)/i.test(reason)
            ? "it is cut off"
            : reason.replace(/^Error processing tar file\(exit status \d+\): /, "")
        }`,
    { next: "docker save -o app.tar IMAGE makes one" },
  );

/** Why a command was not started: the engine's words, sorted. */
export type CommandFault = "no-workdir" | "too-large" | "not-found" | "not-executable";

export const isLoadFailed = (error: unknown) => error instanceof OneoffError && error.code === "load-failed";
