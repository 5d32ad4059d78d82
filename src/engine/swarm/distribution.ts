import type { Transport } from "../transport.ts";
import { distribution } from "./answers.ts";

/**
 * `GET /distribution/{image}/json`: asks the registry of an image. @returns the digest: `sha256:…`
 * @param auth the header `X-Registry-Auth`.
 */
export async function imageDigest(engine: Transport, image: string, auth?: string): Promise<string> {
  const request = { method: "GET", path: `/distribution/${image}/json` } as const;
  const answer = await engine.send({ ...request, headers: auth === undefined ? {} : { "x-registry-auth": auth } });
  return (await answer.json<{ Descriptor: { digest: string } }>(distribution)).Descriptor.digest;
}
