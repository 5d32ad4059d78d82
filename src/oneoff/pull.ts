import type { PullProgress } from "../engine/image-types.ts";
import { pullImage } from "../engine/pull.ts";
import type { Credentials } from "../engine/registry.ts";
import type { Transport } from "../engine/transport.ts";
import type { Event, Report } from "../output/events.ts";

export interface PullContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Absent where nothing is pulled, or nobody has any. */
  readonly credentials?: Credentials;
  /** Breaks it off. */
  readonly signal?: AbortSignal | undefined;
}

/** Pulls an image, and reports what is about all of it, and how far its layers have come. */
export async function pull(context: PullContext, image: string): Promise<void> {
  const { engine, report, credentials = async () => undefined, signal } = context;
  using layers = new LayerProgress(report);
  const onProgress = (progress: PullProgress) => {
    if (progress.id) layers.show(progress.id, progress);
    else if (progress.status) report({ type: "pull", image, status: progress.status });
  };
  await pullImage(engine, image, credentials, onProgress, signal);
}

type Progress = Extract<Event, { type: "progress" }>;

/** What the engine calls its work at a layer. */
const WORK: Readonly<Record<string, Progress["operation"]>> = { Downloading: "pull", Extracting: "unpack" };

/** Tells how far each layer of an image has come. To be disposed of when that is over, however it ended. */
export class LayerProgress implements Disposable {
  readonly #report: Report;
  readonly #underway = new Map<string, Progress>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** @param layer its id. */
  show(layer: string, { status = "", progressDetail: { current, total, units } = {} }: PullProgress): void {
    const operation = WORK[status];
    if (operation !== this.#underway.get(layer)?.operation) this.#end(layer);
    // Some engines count seconds.
    if (!operation || current === undefined || units !== undefined) return;
    const progress: Progress = { type: "progress", operation, item: layer, current, total: total || undefined };
    this.#underway.set(layer, progress);
    this.#report(progress);
  }

  [Symbol.dispose](): void {
    for (const layer of [...this.#underway.keys()]) this.#end(layer);
  }

  #end(layer: string): void {
    const progress = this.#underway.get(layer);
    if (progress) this.#report({ ...progress, finished: true });
    this.#underway.delete(layer);
  }
}
