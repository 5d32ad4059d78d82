import { listContainers, removeContainer } from "../../engine/containers.ts";
import { importImage, removeImage } from "../../engine/image-tags.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { packTar } from "../../streams/pack-tar.ts";

/** An image with the probe in it and nothing else, and all that was made of it. */
export interface ProbeImage extends AsyncDisposable {
  readonly name: string;
  /** Of each one-off that is made of it. */
  readonly label: string;
  make(probe: Buffer): Promise<void>;
  /** The names of the containers that are there. */
  containers(): Promise<string[]>;
}

/** @param id what tells it from those of others who do the same. */
export function probeImage(engine: Transport, id: string): ProbeImage {
  const name = `oneoff-selftest:${id}`;
  const label = `oneoff-selftest=${id}`;
  const list = () => listContainers(engine, { label: [label] });
  return {
    name,
    label,
    make: (probe) => importImage(engine, name, () => packTar(onlyFile("probe", probe))),
    containers: async () => (await list()).map(({ Names, Id }) => Names[0]?.slice(1) ?? Id),
    async [Symbol.asyncDispose]() {
      for (const { Id } of await list()) await removeContainer(engine, Id).catch(unlessGone);
      await removeImage(engine, name);
    },
  };
}

/** The engine may be about to remove it itself. */
function unlessGone(error: unknown) {
  if (!isRefusal(error, 404, 409)) throw error;
}

async function* onlyFile(name: string, content: Buffer) {
  const header = { name, type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: content.length } as const;
  yield { header, read: async (memory: Buffer) => content.copy(memory) };
}
