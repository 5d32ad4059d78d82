import type { Readable } from "node:stream";
import type { ByteSource } from "./pump.ts";

/** Reads a stream as a source of bytes. Rejects with the stream's error, or if the stream is closed before its end. */
export function streamSource(stream: Readable): ByteSource {
  return {
    read(reader) {
      const ended = Promise.withResolvers<void>();
      stream
        // `on`, not `once`: a stream that its reader destroys emits another error, which would be unhandled.
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
