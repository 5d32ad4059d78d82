import type { AppSettings } from "../app/app.ts";
import type { AppJson } from "../app/app-json.ts";
import type { Env } from "../app/env.ts";
import type { Procfile } from "../app/procfile.ts";

/** What a release is, besides its image. It is kept in the image's labels, so that an image that is moved is a whole release. */
export interface Release {
  readonly app: string;
  /** `7` of `v7` */
  readonly number: number;
  /** `oneoff/my-app:v7` */
  readonly image: string;
  readonly imageId: string;
  readonly procfile: Procfile;
  readonly appJson: AppJson;
  /** ISO 8601. */
  readonly created: string;
}

/** What a deploy needs of an app besides its image. */
export interface DeployApp {
  readonly name: string;
  /** All of it: of oneoff.yaml, of its files, and what app.json has set. */
  readonly env: Env;
  readonly settings: AppSettings;
}
