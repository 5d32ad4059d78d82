import { createConfig, listConfigs, removeConfig } from "../../engine/swarm/objects.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import { configName } from "../../identity/names.ts";
import { isOwnName, ownLabels } from "../../identity/ownership.ts";

/** A lock that is valid in a whole Swarm: a config, whose name exists once. */
export interface ConfigLock {
  /** The ID of the config. */
  readonly id: string;
  readonly key: string;
  readonly app: string;
  /** What holds it: `run.7364`, `deploy`. */
  readonly name: string;
  /** The process that holds it; see `Owner`. */
  readonly owner: string;
  /** Who holds it, for people: `user@host`. */
  readonly by: string;
  /** Seconds since 1970, by the clock of the manager. */
  readonly since: number;
}

const configLockName = (key: string) => configName(`oneoff.lock.${key}`, "lock");

/** Acquires a lock. @returns the ID of its config; undefined if the lock is held. */
export async function acquireConfigLock(
  engine: Transport,
  { key, app, name, owner, by }: Omit<ConfigLock, "id" | "since">,
): Promise<string | undefined> {
  const Name = configLockName(key);
  const Labels = ownLabels(Name, {
    [LABEL.kind]: "lock",
    [LABEL.lock]: key,
    [LABEL.app]: app,
    [LABEL.name]: name,
    [LABEL.owner]: owner,
  });
  try {
    return await createConfig(engine, { Name, Labels, Data: Buffer.from(by) });
  } catch (error) {
    if (isRefusal(error, 409)) return undefined;
    throw error;
  }
}

/** The lock with a key, if it is held. */
export async function findConfigLock(engine: Transport, key: string): Promise<ConfigLock | undefined> {
  const name = configLockName(key);
  const found = (await listConfigs(engine, { name: [name] })).find(({ Spec }) => Spec.Name === name);
  const { [LABEL.lock]: ownKey, ...labels } = found?.Spec.Labels ?? {};
  if (!found || ownKey !== key || !isOwnName(name, labels)) return undefined;
  return {
    id: found.ID,
    key,
    app: labels[LABEL.app] ?? "",
    name: labels[LABEL.name] ?? "",
    owner: labels[LABEL.owner] ?? "",
    by: Buffer.from(found.Spec.Data ?? "", "base64").toString(),
    since: Date.parse(found.CreatedAt) / 1000,
  };
}

/** Releases a lock by the ID of its config, since a newer lock has the same name. @returns false if it was released already. */
export async function releaseConfigLock(engine: Transport, id: string): Promise<boolean> {
  try {
    await removeConfig(engine, id);
    return true;
  } catch (error) {
    if (isRefusal(error, 404)) return false;
    throw error;
  }
}
