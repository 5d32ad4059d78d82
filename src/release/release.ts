import type { AppSettings } from "../app/app.ts";
import type { AppJson } from "../app/app-json.ts";
import type { Env } from "../app/env.ts";
import type { Procfile } from "../app/procfile.ts";

/** A release without its image. The labels of the image contain it, so that a moved image is a complete release. */
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

/** An app to deploy, without its image. */
export interface DeployApp {
  readonly name: string;
  /** All variables: oneoff.yaml, env files and app.json. */
  readonly env: Env;
  readonly settings: AppSettings;
}
