import { buildFailed, imageNotNamed, isRefusal } from "../errors/engine.ts";
import { OneoffError } from "../errors/error.ts";
import { jsonLines } from "../streams/lines.ts";
import { lineProblem, version } from "./answers.ts";
import { ClassicReader, type OnProgress, TraceReader } from "./build-progress.ts";
import { type BuildSession, openBuildSession, SESSION_DOCKERFILE, type SessionFiles } from "./build-session.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { isImageConflict } from "./refusal.ts";
import { retry } from "./retry.ts";
import type { Transport } from "./transport.ts";

/** BuildKit, or the classic builder. */
export type Builder = "buildkit" | "classic";

export interface BuildRequest {
  /** Creates the archive of the context; called again if the engine requires another API version. */
  readonly context: () => AsyncIterable<Uint8Array>;
  /** Used instead of the archive if the engine supports sessions. */
  readonly files?: SessionFiles | undefined;
  /** Whether an archive is only for engines without sessions, not for a refusal by a proxy. */
  readonly needsSession?: boolean;
  /** The path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly args: ReadonlyMap<string, string>;
  /** Masks secrets in reported lines. */
  readonly mask?: (text: string) => string;
  /** The target stage. */
  readonly target?: string | undefined;
  readonly noCache: boolean;
  readonly tag?: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  /** Cancels the build. */
  readonly signal?: AbortSignal | undefined;
}

export interface Built {
  /** The image's ID. */
  readonly image: string;
  /** The builder that the engine used. */
  readonly builder: Builder;
}

/** One line of the answer; lines of BuildKit have an ID. */
interface BuildLine {
  readonly id?: string;
  readonly stream?: string;
  readonly aux?: string | { readonly ID?: string };
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number };
}

/**
 * Calls `buildOnce`, and retries if another client built or removed the same image concurrently: engines fail then
 * at the end of the build.
 */
export const buildImage = (...build: Parameters<typeof buildOnce>): Promise<Built> =>
  retry({ maxAttempts: 2, isTemporary: isImageConflict }, () => buildOnce(...build));

/**
 * `POST /build`. An engine with only one builder may use it for every request, so the answer decides how it is parsed.
 * @throws OneoffError `build-failed`; an error that `isNoBuildKit` recognizes if there is no BuildKit.
 */
async function buildOnce(
  engine: Transport,
  builder: Builder,
  request: BuildRequest,
  onProgress: OnProgress,
): Promise<Built> {
  const {
    context,
    files,
    needsSession = false,
    dockerfile,
    args,
    target,
    noCache,
    tag,
    labels,
    signal,
    mask = (text: string) => text,
  } = request;
  using session = files && (await sessionOf(engine, files, needsSession, signal));
  const query = {
    version: builder === "buildkit" ? 2 : 1,
    ...(session ? { remote: "client-session", session: session.id, dockerfile: SESSION_DOCKERFILE } : { dockerfile }),
    buildargs: args.size > 0 ? JSON.stringify(Object.fromEntries(args)) : undefined,
    target,
    nocache: noCache ? 1 : undefined,
    t: tag,
    labels: labels && JSON.stringify(labels),
    // Otherwise the classic builder leaves the containers of failed steps.
    rm: 1,
    forcerm: 1,
  };
  const trace = new TraceReader(onProgress);
  const text = new ClassicReader(onProgress);
  const failed = (reason: string, code?: number) => {
    const step = trace.failed ?? text.failed;
    return buildFailed(mask(reason), step && mask(step), code);
  };
  let image: string | undefined;
  let answering: Builder = "classic";
  let error: BuildLine | undefined;
  try {
    const response = await engine.send({
      method: "POST",
      path: "/build",
      query,
      ...(!session && { stream: context }),
      signal,
      isOpenEnded: true,
    });
    // Reads to the end even after an error, so that the connection can be reused.
    for await (const line of jsonLines<BuildLine>(response.stream, lineProblem)) {
      if (line.error !== undefined) error ??= line;
      if (line.id?.startsWith("moby.")) answering = "buildkit";
      if (line.id === "moby.buildkit.trace" && typeof line.aux === "string") trace.push(line.aux);
      else if (typeof line.aux === "object" && typeof line.aux?.ID === "string") image = line.aux.ID;
      else if (line.stream !== undefined) text.push(line.stream);
    }
  } catch (thrown) {
    signal?.throwIfAborted();
    if (isNoBuildKit(thrown)) throw thrown;
    if (isRefusal(thrown, 400, 500)) throw failed(thrown.reason);
    if (thrown instanceof OneoffError) throw thrown;
    throw unreachable(engine.endpoint, thrown);
  }
  trace.end();
  text.end();
  if (session?.failure instanceof OneoffError) throw session.failure;
  if (error) throw failed(error.error ?? "", error.errorDetail?.code);
  if (image === undefined) throw imageNotNamed();
  return { image, builder: answering };
}

/**
 * Only Docker's BuildKit has sessions. Podman and the classic builder omit an ignored Dockerfile themselves. A proxy may
 * allow builds without sessions; the build then fails with any other error, too.
 */
async function sessionOf(
  engine: Transport,
  files: SessionFiles,
  isNeeded: boolean,
  signal: AbortSignal | undefined,
): Promise<BuildSession | undefined> {
  try {
    return await openBuildSession(engine, files, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (isRefusal(error, 404, 501) || (!isNeeded && error instanceof OneoffError)) return undefined;
    throw error;
  }
}

/** Whether a session failed because of a file name: BuildKit of Engine 28 requires UTF-8 only in sessions. */
export const isNotUtf8 = (error: unknown): boolean =>
  error instanceof OneoffError &&
  error.code === "build-failed" &&
  /string field contains invalid UTF-8/.test(error.message);

/** Whether the engine does not support BuildKit. */
export const isNoBuildKit = (error: unknown): boolean =>
  isRefusal(error, 400, 404, 500, 501) &&
  /buildkit.*(not|un)[ -]?(supported|available|enabled)|invalid version/i.test(error.reason);

/** `GET /version`: the platform of the engine, e.g. `linux` and `amd64`. */
export async function enginePlatform(engine: Transport): Promise<{ os: string; arch: string }> {
  const response = await engine.send({ method: "GET", path: "/version" });
  const { Os, Arch } = await response.json<{ Os: string; Arch: string }>(version);
  return { os: Os, arch: Arch };
}
