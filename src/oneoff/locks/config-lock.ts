import type { SwarmConfig } from "../../engine/swarm/object-types.ts";
import { createConfig, inspectConfig, listConfigs, relabelConfig, removeConfig } from "../../engine/swarm/objects.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import { configName } from "../../identity/names.ts";
import { isOwnName, labelOf, ownLabels } from "../../identity/ownership.ts";

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
  /** When its owner was last alive, as for `since`. */
  readonly renewed: number;
  /** `container@node` of a one-off that was left running; undefined if a service or a process holds the lock. */
  readonly container: string | undefined;
}

const configLockName = (key: string) => configName(`oneoff.lock.${key}`, "lock");

/** Acquires a lock. @returns the ID of its config; undefined if the lock is held. */
export async function acquireConfigLock(
  engine: Transport,
  { key, app, name, owner, by }: Pick<ConfigLock, "key" | "app" | "name" | "owner" | "by">,
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
  const configs = await listConfigs(engine, { name: [configLockName(key)] });
  return configs.flatMap((config) => toConfigLock(config) ?? []).find((lock) => lock.key === key);
}

/** All locks of the Swarm. */
export async function listConfigLocks(engine: Transport): Promise<ConfigLock[]> {
  const configs = await listConfigs(engine, { label: [`${LABEL.kind}=lock`] });
  return configs.flatMap((config) => toConfigLock(config) ?? []);
}

function toConfigLock({ ID: id, CreatedAt, UpdatedAt, Spec }: SwarmConfig): ConfigLock | undefined {
  const labels = Spec.Labels ?? {};
  const label = (name: string) => labelOf(labels, name) ?? "";
  const key = label(LABEL.lock);
  if (key === "" || Spec.Name !== configLockName(key) || !isOwnName(Spec.Name, labels)) return undefined;
  return {
    ...{ id, key, app: label(LABEL.app), name: label(LABEL.name), owner: label(LABEL.owner) },
    ...{ since: Date.parse(CreatedAt) / 1000, renewed: Date.parse(UpdatedAt) / 1000 },
    by: Buffer.from(Spec.Data ?? "", "base64").toString(),
    container: labelOf(labels, LABEL.holder),
  };
}

/** Shows that the owner is alive: the manager notes the time. @param labels to change. */
export async function renewConfigLock(
  engine: Transport,
  id: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  const config = await inspectConfig(engine, id);
  await relabelConfig(engine, config, { ...config.Spec.Labels, ...labels });
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
