import { EngineRefused } from "../errors/engine.ts";
import { OneoffError } from "../errors/error.ts";
import { pushFailed } from "../errors/registry.ts";
import { jsonLines } from "../streams/lines.ts";
import { lineProblem } from "./answers.ts";
import type { PullProgress } from "./image-types.ts";
import { splitReference } from "./pull.ts";
import { authFor, type Credentials, HUB } from "./registry.ts";
import type { Transport } from "./transport.ts";

/** The engine requires the header, also without credentials. */
const ANONYMOUS = Buffer.from("{}").toString("base64");

/**
 * `POST /images/{name}/push`. The engine answers 200 before the push ends: errors are reported in the stream.
 * @param image with a tag. @param onProgress called with each line of progress. @param signal cancels the push.
 * @returns the digest in the registry: `sha256:…`
 */
export async function pushImage(
  engine: Transport,
  image: string,
  credentials: Credentials | undefined,
  onProgress: (progress: PullProgress) => void,
  signal?: AbortSignal,
): Promise<string> {
  const [name, tag] = splitReference(image);
  const { server, header = ANONYMOUS, without } = await authFor(image, credentials);
  const failed = (reason: string) => pushFailed(image, reason, server === HUB ? undefined : server, without);
  let digest: string | undefined;
  try {
    const response = await engine.send({
      ...{ method: "POST", path: `/images/${name}/push`, query: { tag } },
      headers: { "x-registry-auth": header },
      signal,
      isOpenEnded: true,
    });
    for await (const progress of jsonLines<PullProgress>(response.stream, lineProblem)) {
      if (progress.error) throw failed(progress.error);
      digest = progress.aux?.Digest ?? /\bdigest: (sha256:[0-9a-f]{64})/.exec(progress.status ?? "")?.[1] ?? digest;
      onProgress(progress);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof EngineRefused) throw failed(error.reason);
    throw error instanceof OneoffError ? error : failed((error as Error).message);
  }
  if (digest === undefined) throw failed("the engine did not report the digest");
  return digest;
}
