import { once } from "node:events";
import type { Readable } from "node:stream";

/** All that comes until the other side closes its half. Ours stays open: `buffer` of Node closes it in some of its versions. */
export async function readHalf(socket: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks);
}
