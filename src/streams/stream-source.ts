import type { Readable } from "node:stream";
import type { ByteSource } from "./pump.ts";

/** A stream as a source of bytes. Reading it rejects with the stream's error, or where it is closed before its end. */
export function streamSource(stream: Readable): ByteSource {
  return {
    read(reader) {
      const ended = Promise.withResolvers<void>();
      stream
        // Not once: a stream that is destroyed by its reader has an error then, which nobody waits for.
        .on("error", ended.reject)
        .once("end", ended.resolve)
        .once("close", () => ended.reject(new Error("the stream was closed before its end")))
        .on("data", (chunk: Buffer) => {
          if (!reader(chunk)) stream.pause();
        });
      return ended.promise;
    },
    resume: () => void stream.resume(),
  };
}
