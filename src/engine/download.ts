import { downloadCut } from "../errors/engine.ts";
import { badLine } from "../errors/io.ts";
import type { ByteSource } from "../streams/pump.ts";
import { ChunkedBody } from "./chunked.ts";
import { openExchange, type Target } from "./hijack.ts";
import type { Transport } from "./transport.ts";

/** Streams the body of an answer in reused memory. */
export interface Download extends ByteSource, Disposable {
  /** @param name in lower case. */
  header(name: string): string | undefined;
}

/**
 * `GET` of gigabytes over a separate connection, because the transport allocates memory for every chunk.
 * Reading rejects if the body is truncated.
 */
export async function openDownload(transport: Transport, request: Target): Promise<Download> {
  const { connection, head } = await openExchange(transport, {
    ...request,
    method: "GET",
    headers: "Connection: close",
    status: 200,
  });
  const chunked = head.headers.get("transfer-encoding") === "chunked";
  return {
    header: (name) => head.headers.get(name),
    async read(reader) {
      let garbled: Error | undefined;
      let received = 0;
      const body = new ChunkedBody(reader);
      const broken = Promise.withResolvers<never>();
      const ended = connection.read((bytes) => {
        received += bytes.length;
        if (!chunked) return reader(bytes);
        try {
          return body.push(bytes);
        } catch (error) {
          garbled = error as Error;
          broken.reject(badLine(garbled.message));
          return false;
        }
      });
      await Promise.race([ended, broken.promise]);
      const length = Number(head.headers.get("content-length") ?? received);
      if (chunked ? !body.ended : received < length) throw downloadCut();
    },
    resume: connection.resume,
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}
