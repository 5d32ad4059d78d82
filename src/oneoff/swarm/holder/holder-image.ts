import { importImage } from "../../../engine/image-tags.ts";
import { idOfImage } from "../../../engine/images.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import { bytesItem } from "../../../streams/bytes-item.ts";
import { packTar } from "../../../streams/pack-tar.ts";
import { buildProgram, type Program } from "../../machine-code.ts";

/**
 * A program that sleeps until it is killed. The image of an app may have none, and a task whose image is given by ID
 * starts without a request to a registry.
 */
const SLEEP: Readonly<Record<string, Program>> = {
  x86_64: {
    machine: 0x3e,
    listing: `
      b8 22 00 00 00            mov   eax, 34            pause()
      0f 05                     syscall
      eb f7                     jmp   -9                 again`,
  },
  aarch64: {
    machine: 0xb7,
    listing: `
      00 00 80 d2               mov   x0, 0              ppoll(NULL, 0, NULL, NULL)
      01 00 80 d2               mov   x1, 0
      02 00 80 d2               mov   x2, 0
      03 00 80 d2               mov   x3, 0
      28 09 80 d2               mov   x8, 73
      01 00 00 d4               svc   0
      fa ff ff 17               b     -6                 again`,
  },
};

const IMAGE = "oneoff-holder:1";

/** The path of the program in the image. */
export const SLEEP_PATH = "/sleep";

const sleepOf = ({ Description }: SwarmNode) => SLEEP[Description.Platform?.Architecture ?? ""];

/** Whether there is an image of holders for the architecture of a node. */
export const canHold = (node: SwarmNode): boolean => sleepOf(node) !== undefined;

/** Imports the image, of 200 bytes, if the engine of the node does not have it. @returns its ID. */
export async function holderImage(engine: Transport, node: SwarmNode): Promise<string> {
  const id = await idOfImage(engine, IMAGE);
  if (id !== undefined) return id;
  const program = sleepOf(node);
  if (!program) throw new Error("unreachable: the way is chosen by canHold");
  await importImage(engine, IMAGE, () => packTar([programItem(buildProgram(program))]));
  return (await idOfImage(engine, IMAGE)) ?? IMAGE;
}

function programItem(content: Buffer) {
  const name = SLEEP_PATH.slice(1);
  return bytesItem({ name, type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: content.length }, () => content);
}
