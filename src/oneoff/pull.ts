import type { PullProgress } from "../engine/image-types.ts";
import { pullImage } from "../engine/pull.ts";
import type { Credentials } from "../engine/registry.ts";
import type { Transport } from "../engine/transport.ts";
import type { Event, Report } from "../output/events.ts";

export interface PullContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Absent if nothing is pulled. */
  readonly credentials?: Credentials;
  /** Aborts the pull. */
  readonly signal?: AbortSignal | undefined;
  /** Rejects when a signal interrupts the pull. */
  readonly interrupted?: Promise<never>;
}

/**
 * Pulls an image and reports its progress, by layer. A pull can last minutes and leaves nothing to clean up, so an
 * interrupt ends it at once.
 */
export async function pull(context: PullContext, image: string, platform?: string): Promise<void> {
  const { engine, report, credentials = async () => undefined, signal, interrupted } = context;
  using layers = new LayerProgress(report);
  const onProgress = (progress: PullProgress) => {
    if (progress.id) layers.show(progress.id, progress);
    else if (progress.status) report({ type: "pull", image, status: progress.status });
  };
  const pulled = pullImage(engine, image, credentials, onProgress, { signal, platform });
  await (interrupted ? Promise.race([pulled, interrupted]) : pulled);
}

type Progress = Extract<Event, { type: "progress" }>;

/** The engine's status texts. */
const OPERATIONS: Readonly<Record<string, Progress["operation"]>> = {
  ...{ Downloading: "pull", Extracting: "unpack", Pushing: "push" },
};

/** Reports the progress of each layer. Dispose it after the pull or push, also after a failure. */
export class LayerProgress implements Disposable {
  readonly #report: Report;
  readonly #unfinished = new Map<string, Progress>();

  constructor(report: Report) {
    this.#report = report;
  }

  show(layer: string, { status = "", progressDetail: { current, total, units } = {} }: PullProgress): void {
    const operation = OPERATIONS[status];
    if (operation !== this.#unfinished.get(layer)?.operation) this.#end(layer);
    // Some engines report seconds.
    if (!operation || current === undefined || units !== undefined) return;
    const progress: Progress = { type: "progress", operation, item: layer, current, total: total || undefined };
    this.#unfinished.set(layer, progress);
    this.#report(progress);
  }

  [Symbol.dispose](): void {
    for (const layer of [...this.#unfinished.keys()]) this.#end(layer);
  }

  #end(layer: string): void {
    const progress = this.#unfinished.get(layer);
    if (progress) this.#report({ ...progress, finished: true });
    this.#unfinished.delete(layer);
  }
}
