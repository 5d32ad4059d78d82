import type { SwarmFile } from "../../app/manifest/manifest-swarm.ts";
import type {
  ConfigReference,
  NetworkAttachment,
  ReferenceFile,
  SecretReference,
} from "../../engine/swarm/service-types.ts";
import type { DeployApp } from "../../release/release.ts";
import { networksOf } from "../rollout/process-spec.ts";

/** The IDs of the secrets and configs of a Swarm by name. */
export interface SwarmObjects {
  readonly secrets: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
}

/** What the services of an app and its phases get from the Swarm. */
export interface AppResources {
  readonly Secrets: readonly SecretReference[];
  readonly Configs: readonly ConfigReference[];
  readonly Networks: readonly NetworkAttachment[];
}

export function appResources(app: DeployApp, { secrets, configs }: SwarmObjects): AppResources {
  const { settings } = app;
  return {
    Secrets: (settings.secrets ?? []).map((file) => ({
      ...{ SecretID: secrets.get(file.source) ?? "", SecretName: file.source, File: referenceFile(file) },
    })),
    Configs: (settings.configs ?? []).map((file) => ({
      ...{ ConfigID: configs.get(file.source) ?? "", ConfigName: file.source, File: referenceFile(file) },
    })),
    Networks: networksOf(app).flatMap((Target) => (Target === "default" || Target === "bridge" ? [] : { Target })),
  };
}

const referenceFile = ({ target, uid, gid, mode }: SwarmFile): ReferenceFile => ({
  ...{ Name: target, UID: uid, GID: gid, Mode: mode },
});
