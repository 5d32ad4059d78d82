import type { Env } from "./env.ts";
import type { Procfile } from "./procfile.ts";

/** What a one-off is a copy of. */
export interface App {
  readonly name: string;
  /** What decided it. */
  readonly from: "--image" | "oneoff.yaml" | "release";
  readonly image: string;
  readonly env: Env;
  readonly procfile: Procfile;
}

/** An app's name is part of its containers' and its images' names: lower case, and no separator at either end. */
export const isAppName = (name: string) => name.length <= 63 && /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(name);

/** A release that oneoff has deployed. */
export const releaseImage = (app: string) => `oneoff/${app}:latest`;
