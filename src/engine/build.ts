import { buildFailed, imageNotNamed, isRefusal } from "../errors/engine.ts";
import { OneoffError } from "../errors/error.ts";
import { jsonLines } from "../streams/lines.ts";
import { again } from "./again.ts";
import { lineProblem, version } from "./answers.ts";
import { ClassicReader, type OnProgress, TraceReader } from "./build-progress.ts";
import { openBuildSession, SESSION_DOCKERFILE, type SessionFiles } from "./build-session.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { isCrossed } from "./refusal.ts";
import type { Transport } from "./transport.ts";

/** BuildKit inside the engine, or what engines had before. */
export type Builder = "buildkit" | "classic";

export interface BuildRequest {
  /** The archive of the context; asked for once more where the engine asks for another version of its API. */
  readonly context: () => AsyncIterable<Uint8Array>;
  /** Sent instead where the engine has sessions. */
  readonly files?: SessionFiles | undefined;
  /** Its name in the context. */
  readonly dockerfile: string;
  readonly args: ReadonlyMap<string, string>;
  /** Hides secrets in what is reported of the build. */
  readonly mask?: (text: string) => string;
  /** The stage to stop at. */
  readonly target?: string | undefined;
  readonly noCache: boolean;
  readonly tag?: string | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  /** Breaks the build off. */
  readonly signal?: AbortSignal | undefined;
}

export interface Built {
  /** Its id. */
  readonly image: string;
  /** Who has built it, whoever was asked to. */
  readonly builder: Builder;
}

/** One line of the engine's answer: BuildKit's come with an id, the classic builder's without. */
interface BuildLine {
  readonly id?: string;
  readonly stream?: string;
  readonly aux?: string | { readonly ID?: string };
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number };
}

/**
 * What `buildOnce` does, and once more where somebody has built the same at the same moment, or removed it: engines stumble
 * over it when all the work is done.
 */
export const buildImage = (...build: Parameters<typeof buildOnce>): Promise<Built> =>
  again({ times: 2, passes: isCrossed }, () => buildOnce(...build));

/**
 * `POST /build`. An engine that knows one builder only may use that, whichever is asked for: its answer is read as it comes.
 * @throws OneoffError `build-failed`; one for which `isNoBuildKit` holds when there is none.
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
    dockerfile,
    args,
    target,
    noCache,
    tag,
    labels,
    signal,
    mask = (text: string) => text,
  } = request;
  using session = files && (await sessionOf(engine, files, signal));
  const query = {
    version: builder === "buildkit" ? 2 : 1,
    ...(session ? { remote: "client-session", session: session.id, dockerfile: SESSION_DOCKERFILE } : { dockerfile }),
    buildargs: args.size > 0 ? JSON.stringify(Object.fromEntries(args)) : undefined,
    target,
    nocache: noCache ? 1 : undefined,
    t: tag,
    labels: labels && JSON.stringify(labels),
    // The classic builder leaves the containers of failed steps behind otherwise.
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
    // To the end, though nothing comes after an error: the connection can be used again then.
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

/** Only Docker's BuildKit has sessions: Podman and the classic builder leave an ignored Dockerfile out by themselves. */
async function sessionOf(engine: Transport, files: SessionFiles, signal: AbortSignal | undefined) {
  try {
    return await openBuildSession(engine, files, signal);
  } catch (error) {
    if (isRefusal(error, 404, 501)) return undefined;
    throw error;
  }
}

/** Whether a session failed because of a file name: BuildKit of Engine 28 accepts only UTF-8 there, but any archive. */
export const isNotUtf8 = (error: unknown): boolean =>
  error instanceof OneoffError &&
  error.code === "build-failed" &&
  /string field contains invalid UTF-8/.test(error.message);

/** Whether an engine refused BuildKit as such. */
export const isNoBuildKit = (error: unknown): boolean =>
  isRefusal(error, 400, 404, 500, 501) &&
  /buildkit.*(not|un)[ -]?(supported|available|enabled)|invalid version/i.test(error.reason);

/** `GET /version`: what the engine runs on, as `linux` and `amd64`. */
export async function enginePlatform(engine: Transport): Promise<{ os: string; arch: string }> {
  const response = await engine.send({ method: "GET", path: "/version" });
  const { Os, Arch } = await response.json<{ Os: string; Arch: string }>(version);
  return { os: Os, arch: Arch };
}
