import { EngineRefused } from "../errors/engine.ts";
import { OneoffError } from "../errors/error.ts";
import { pullFailed } from "../errors/registry.ts";
import { jsonLines } from "../streams/lines.ts";
import { lineProblem } from "./answers.ts";
import type { PullProgress } from "./image-types.ts";
import { authFor, type Credentials, HUB } from "./registry.ts";
import type { Transport } from "./transport.ts";

/**
 * `POST /images/create`. The engine answers 200 before the pull ends: errors are reported in the stream.
 * Without available credentials the pull is anonymous; if it fails, the error includes the cause of that.
 * @param onProgress called with each line of progress. @param signal cancels the pull.
 */
export async function pullImage(
  engine: Transport,
  image: string,
  credentials: Credentials,
  onProgress: (progress: PullProgress) => void,
  { signal, platform }: { readonly signal?: AbortSignal | undefined; readonly platform?: string | undefined } = {},
): Promise<void> {
  const [fromImage, tag] = splitReference(image);
  const { server, header, without } = await authFor(image, credentials);
  const failed = (reason: string) => pullFailed(image, reason, server === HUB ? undefined : server, without);
  try {
    const response = await engine.send({
      ...{ method: "POST", path: "/images/create", query: { fromImage, tag, platform } },
      headers: header === undefined ? {} : { "x-registry-auth": header },
      signal,
      isOpenEnded: true,
    });
    for await (const progress of jsonLines<PullProgress>(response.stream, lineProblem)) {
      if (progress.error) throw failed(progress.error);
      onProgress(progress);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof EngineRefused) throw failed(error.reason);
    throw error instanceof OneoffError ? error : failed((error as Error).message);
  }
}

/** Without a tag the engine would pull or push every tag. */
export function splitReference(image: string): [name: string, tag: string | undefined] {
  if (image.includes("@")) return [image, undefined];
  const colon = image.lastIndexOf(":");
  return colon > image.lastIndexOf("/") ? [image.slice(0, colon), image.slice(colon + 1)] : [image, "latest"];
}
