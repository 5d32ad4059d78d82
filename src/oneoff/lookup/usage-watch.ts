import { inspectContainer } from "../../engine/containers.ts";
import { openStats } from "../../engine/stats.ts";
import type { Transport } from "../../engine/transport.ts";
import { EngineRefused } from "../../errors/engine.ts";
import { type ResourceUsage, toResourceUsage } from "./resource-usage.ts";

/** What is known about a running container; undefined where nothing is known yet. */
export interface ContainerUsage extends Partial<ResourceUsage> {
  /** Starts by the restart policy. */
  readonly restarts?: number;
  /** In bytes; undefined also for a container without a limit. */
  readonly memoryLimit?: number | undefined;
}

interface Followed {
  usage: ContainerUsage;
  isOver: boolean;
  stats?: Disposable;
}

/** Follows the resource usage of containers: one stream each, and an inspect at each start. */
export class UsageWatch implements Disposable {
  readonly #engine: Transport;
  readonly #followed = new Map<string, Followed>();

  constructor(engine: Transport) {
    this.#engine = engine;
  }

  /** Follows exactly these containers. A stream that has ended, e.g. with its connection, is opened again. */
  follow(ids: ReadonlySet<string>): void {
    for (const [id, one] of this.#followed) {
      if (ids.has(id)) continue;
      this.#followed.delete(id);
      close(one);
    }
    for (const id of ids) {
      const one = this.#followed.get(id);
      if (one && !one.isOver) continue;
      const next: Followed = { usage: one?.usage ?? {}, isOver: false };
      this.#followed.set(id, next);
      void this.#read(id, next);
    }
  }

  usageOf(id: string): ContainerUsage {
    return this.#followed.get(id)?.usage ?? {};
  }

  /** To be called when a container has started. */
  async noteStart(id: string): Promise<void> {
    const one = this.#followed.get(id);
    if (one) await this.#inspect(id, one).catch(() => {});
  }

  [Symbol.dispose](): void {
    this.follow(new Set());
  }

  async #read(id: string, one: Followed): Promise<void> {
    try {
      await this.#inspect(id, one);
      using stats = await openStats(this.#engine, id);
      one.stats = stats;
      if (this.#followed.get(id) !== one) return;
      for await (const sample of stats) one.usage = { ...one.usage, ...toResourceUsage(sample) };
      one.isOver = true;
    } catch (error) {
      // A lost connection is reported by the request for the list. A refused request would be refused again, e.g. by an
      // engine without cgroups.
      one.isOver = !(error instanceof EngineRefused);
    }
  }

  async #inspect(id: string, one: Followed): Promise<void> {
    const { RestartCount = 0, HostConfig } = await inspectContainer(this.#engine, id);
    one.usage = { ...one.usage, restarts: RestartCount, memoryLimit: HostConfig.Memory || undefined };
  }
}

const close = ({ stats }: Followed) => stats?.[Symbol.dispose]();
