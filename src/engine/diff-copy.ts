import type { TarItem } from "../streams/pack-tar.ts";
import { pathBytes } from "../streams/path-bytes.ts";
import type { TarHeader } from "../streams/tar-header.ts";
import type { GrpcCall } from "./grpc-server.ts";
import { MessageBlocks } from "./message-blocks.ts";
import { bytesField, bytesStart, numberField, protobufFields } from "./protobuf.ts";

/** A file that BuildKit may request. */
export interface SessionFile {
  readonly header: TarHeader;
  /** Its `read` fails if the file cannot be read or has changed. */
  open(): TarItem;
}

/** Fields and types of `Packet` in fsutil's wire.proto. */
const PACKET = { stat: 0, request: 1, data: 2, end: 3, error: 4 };

const packet = (type: number, ...fields: Buffer[]) => Buffer.concat([numberField(1, type), ...fields]);

export const errorPacket = (message: string): Buffer => packet(PACKET.error, bytesField(4, Buffer.from(message)));

/**
 * Sends the list of files, and the content of requested files by their index, until the receiver finishes. Content
 * comes first: so few files of a large context are listed and not yet sent, which need memory.
 */
export async function diffCopy(
  { messages, send }: GrpcCall,
  files: Iterable<SessionFile>,
  onSent: (length: number) => void,
): Promise<void> {
  let unreported = 0;
  const blocks = new MessageBlocks(async (block) => {
    const length = unreported;
    unreported = 0;
    await send(block);
    if (length > 0) onSent(length);
  });
  const listed = new Map<number, SessionFile>();
  const onPacked = (length: number) => {
    unreported += length;
  };
  const requests = new Requests(messages);
  const add = async (message: Buffer) => {
    if (message.length > blocks.room) await blocks.flush();
    message.copy(blocks.take(message.length));
  };
  const coming = files[Symbol.iterator]();
  try {
    let index = 0;
    let isListed = false;
    for (;;) {
      const request = requests.next();
      if (request === END) break;
      if (request !== undefined) {
        const file = listed.get(request);
        listed.delete(request);
        if (file) await sendContent(file, request, blocks, onPacked);
      } else if (isListed) {
        await blocks.flush();
        await requests.changed();
      } else {
        const { value: file, done = false } = coming.next();
        isListed = done;
        if (file) {
          if (file.header.type === "file") listed.set(index, file);
          index++;
        }
        await add(file ? packet(PACKET.stat, bytesField(2, statOf(file.header))) : packet(PACKET.stat));
      }
    }
  } finally {
    coming.return?.();
  }
  await add(packet(PACKET.end));
  await blocks.end();
}

/** In bytes: a shorter piece is not worth its packet. */
const LEAST = 4096;

/** The fields of a data packet before the content; at most so many bytes. */
const LONGEST_START = 32;

/** @param onPacked called with the length of content that the next block has. */
async function sendContent(file: SessionFile, id: number, blocks: MessageBlocks, onPacked: (length: number) => void) {
  const start = packet(PACKET.data, numberField(3, id));
  const { read, close } = file.open();
  try {
    for (let left = file.header.size; left > 0; ) {
      if (blocks.room < Math.min(left, LEAST) + LONGEST_START) await blocks.flush();
      const length = Math.min(left, blocks.room - LONGEST_START);
      const contentStart = bytesStart(4, length);
      const message = blocks.take(start.length + contentStart.length + length);
      let at = start.copy(message);
      at += contentStart.copy(message, at);
      while (at < message.length) {
        const reading = read?.(message.subarray(at)) ?? 0;
        at += typeof reading === "number" ? reading : await reading;
      }
      left -= length;
      onPacked(length);
    }
  } finally {
    if (close) await close();
  }
  if (blocks.room < start.length) await blocks.flush();
  start.copy(blocks.take(start.length));
}

const END = Symbol("end");

/** The requests of the receiver, which arrive at any time. */
class Requests {
  #ids: number[] = [];
  #at = 0;
  #end: { readonly error?: unknown } | undefined;
  #change = Promise.withResolvers<void>();

  constructor(messages: AsyncIterable<Buffer>) {
    this.#receive(messages).then(
      () => this.#finish({}),
      (error: unknown) => this.#finish({ error }),
    );
  }

  /** @returns the index of the next requested file, undefined if none is requested yet. */
  next(): number | typeof END | undefined {
    if (this.#end && "error" in this.#end) throw this.#end.error;
    if (this.#at < this.#ids.length) return this.#ids[this.#at++];
    this.#ids = [];
    this.#at = 0;
    return this.#end && END;
  }

  async changed(): Promise<void> {
    await this.#change.promise;
    this.#change = Promise.withResolvers();
  }

  async #receive(messages: AsyncIterable<Buffer>) {
    // Not `for await`, which would close the stream before its status is sent.
    const received = messages[Symbol.asyncIterator]();
    for (let next = await received.next(); !next.done; next = await received.next()) {
      const { type, id, data } = parsed(next.value);
      if (type === PACKET.error) throw new Error(data);
      if (type === PACKET.end) return;
      if (type === PACKET.request) this.#ids.push(id);
      this.#change.resolve();
    }
  }

  #finish(end: { readonly error?: unknown }) {
    this.#end = end;
    this.#change.resolve();
  }
}

/** Bits of Go's file mode for types and special permissions. */
const TYPE_BITS = { file: 0, directory: 2 ** 31, symlink: 2 ** 27 };
const SPECIAL_BITS = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
] as const;

function statOf({ name, type, mode, uid, gid, size, mtime, linkname }: TarHeader): Buffer {
  const special = SPECIAL_BITS.reduce((bits, [posix, go]) => bits + (mode & posix ? go : 0), 0);
  return Buffer.concat([
    bytesField(1, pathBytes(name)),
    numberField(2, TYPE_BITS[type] + special + (mode & 0o777)),
    numberField(3, uid),
    numberField(4, gid),
    numberField(5, size),
    numberField(6, BigInt(mtime) * 1_000_000_000n),
    bytesField(7, pathBytes(linkname ?? "")),
  ]);
}

function parsed(message: Buffer): { type: number; id: number; data: string } {
  let [type, id, data] = [PACKET.stat, 0, ""];
  for (const { number, value } of protobufFields(message)) {
    if (number === 1) type = Number(value);
    if (number === 3) id = Number(value);
    if (number === 4) data = value.toString();
  }
  return { type, id, data };
}
