import { listContainers, removeContainer } from "../../engine/containers.ts";
import { importImage, removeImage } from "../../engine/image-tags.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { bytesItem } from "../../streams/bytes-item.ts";
import { packTar } from "../../streams/pack-tar.ts";

/** An image with only the probe, and the containers created from it. */
export interface ProbeImage extends AsyncDisposable {
  readonly name: string;
  /** The label of its one-offs. */
  readonly label: string;
  create(probe: Buffer): Promise<void>;
  /** The names of the existing containers. */
  containers(): Promise<string[]>;
}

/** @param id unique per self-test. */
export function openProbeImage(engine: Transport, id: string): ProbeImage {
  const name = `oneoff-selftest:${id}`;
  const label = `oneoff-selftest=${id}`;
  const list = () => listContainers(engine, { label: [label] });
  return {
    name,
    label,
    create: (probe) => importImage(engine, name, () => packTar([probeItem(probe)])),
    containers: async () => (await list()).map(({ Names, Id }) => Names[0]?.slice(1) ?? Id),
    async [Symbol.asyncDispose]() {
      for (const { Id } of await list()) await removeContainer(engine, Id).catch(unlessRemoved);
      await removeImage(engine, name);
    },
  };
}

/** The engine may already be removing it. */
function unlessRemoved(error: unknown) {
  if (!isRefusal(error, 404, 409)) throw error;
}

const probeItem = (probe: Buffer) =>
  bytesItem({ name: "probe", type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: probe.length }, () => probe);
