import { createHash } from "node:crypto";
import type { ProcessCreateBody } from "../../engine/process-types.ts";

/**
 * What is another as soon as a process would be created otherwise. Its variables are not in it: a label goes further than
 * they may, and whoever knows all the rest could guess a short value. Nor is its image, which its release names.
 * @param networks all that it joins; the body has the first only.
 */
export function settingsDigest({ Env, Image, ...body }: ProcessCreateBody, networks: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([body, networks]))
    .digest("hex")
    .slice(0, 16);
}
