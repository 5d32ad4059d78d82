import { putArchive, statContainerPath } from "../../engine/archive.ts";
import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { HostConfig } from "../../engine/types.ts";
import { hiddenByMount } from "../../errors/files.ts";
import type { Report } from "../../output/events.ts";
import { packTar, type TarItem } from "../../streams/pack-tar.ts";
import { resolveContainerUser } from "./container-user.ts";
import { openContent } from "./content.ts";
import { type PlannedArchive, planArchives, type UploadPlan } from "./upload-plan.ts";
import { findMount } from "./upload-volumes.ts";

export interface TransferContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Aborts the transfer. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes files to a created or running container. The files belong to the user of the container.
 * @throws OneoffError after which some files may be in the container
 */
export async function sendUploads(
  context: TransferContext,
  { id, name }: { readonly id: string; readonly name: string },
  plan: UploadPlan,
): Promise<void> {
  if (plan.files.length === 0) return;
  const { engine, report, signal } = context;
  const { Config, HostConfig } = await inspectContainer(engine, id);
  const hidden = plan.folders.find((folder) => findMount(HostConfig, folder)?.isTmpfs);
  if (hidden !== undefined) throw hiddenByMount(hidden, true);
  const owner = await resolveContainerUser(engine, id, Config.User);
  const archives = planArchives(plan, HostConfig, owner, await lacksTmp(engine, id, plan, HostConfig));
  const sources = plan.sources.map((one) => ({ ...one, target: `${name}:${one.target}` }));
  for (const one of sources) report({ type: "uploading", ...one });
  const [{ target } = { target: name }, ...others] = sources;
  const progress = {
    type: "progress",
    operation: "upload",
    target: others.length > 0 ? name : target,
    total: plan.bytes,
  } as const;
  let done = 0;
  const onSent = (bytes: number) => {
    done += bytes;
    report({ ...progress, current: done });
  };
  try {
    for (const { root, entries } of archives) {
      await putArchive(engine, id, root, () => packTar(items(entries, onSent)), signal);
    }
  } finally {
    report({ ...progress, current: done, finished: true });
  }
}

/** The engine would create a missing /tmp that only root can write to. */
async function lacksTmp(engine: Transport, id: string, { folders }: UploadPlan, facts: HostConfig): Promise<boolean> {
  const needed = folders.some((folder) => folder.startsWith("/tmp/") && findMount(facts, folder)?.target !== "/tmp");
  return needed && !facts.ReadonlyRootfs && (await statContainerPath(engine, id, "/tmp")) === undefined;
}

async function* items(entries: PlannedArchive["entries"], onSent: (bytes: number) => void): AsyncGenerator<TarItem> {
  for (const { header, content } of entries) {
    if (header.type !== "file") {
      yield { header };
      continue;
    }
    await using file = await openContent(content, header.size);
    yield {
      header,
      async read(memory) {
        const length = await file.read(memory);
        onSent(length);
        return length;
      },
    };
    await file.end();
  }
}
