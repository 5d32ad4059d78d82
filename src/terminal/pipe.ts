import { Socket } from "node:net";
import type { ByteSource, Reader } from "../streams/pump.ts";

const READ_SIZE = 64 * 1024;

/**
 * Reads a pipe or socket on `fd` into one reused buffer: Node's stream
 * allocates memory for every read.
 */
export function openPipe(fd: number): ByteSource & Disposable {
  let reader: Reader = () => false;
  const ended = Promise.withResolvers<void>();
  const pipe = new Socket({
    fd,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_SIZE),
      callback: (length, buffer) => reader(Buffer.from(buffer.buffer, buffer.byteOffset, length)),
    },
  });
  // A failed read is the end.
  for (const end of ["end", "error", "close"]) pipe.once(end, () => ended.resolve());
  return {
    read(next) {
      reader = next;
      pipe.resume();
      return ended.promise;
    },
    resume: () => pipe.resume(),
    [Symbol.dispose]: () => pipe.destroy(),
  };
}
