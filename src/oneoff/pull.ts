import type { PullProgress } from "../engine/image-types.ts";
import { pullImage } from "../engine/pull.ts";
import type { Credentials } from "../engine/registry.ts";
import type { Transport } from "../engine/transport.ts";
import type { Report } from "../output/events.ts";
import { LayerProgress } from "./layer-progress.ts";

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
