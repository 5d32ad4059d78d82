import { encodeHeader, RECORD, type TarHeader } from "./tar-header.ts";

export interface TarItem {
  readonly header: TarHeader;
  /** Reads the next bytes of a file into `memory`. @returns their number, at least one. */
  readonly read?: (memory: Buffer) => number | Promise<number>;
  /** Called after the last read, even if it failed. */
  readonly close?: () => Promise<void>;
}

/** Synchronous items and reads need no promise, which a small file would spend most of its time and memory on. */
export type TarItems = Iterable<TarItem> | AsyncIterable<TarItem>;

/** In bytes: a multiple of the record size, and large enough to make the overhead of calls negligible. */
const BLOCK = 1024 * 1024;

/**
 * Packs an archive in blocks of one size, except the last. The memory of a block is reused after the next block is
 * requested. Files are read directly into blocks, one block ahead; small files share a block.
 */
export async function* packTar(items: TarItems): AsyncGenerator<Buffer> {
  const blocks = packBlocks(items);
  try {
    for (let coming = blocks.next(); ; ) {
      const { done, value } = await coming;
      if (done) return;
      coming = blocks.next();
      // The reader may stop before it requests this block; its error is then ignored.
      coming.catch(() => {});
      yield value;
    }
  } finally {
    await blocks.return();
  }
}

/** Two alternating blocks: one is filled while the other is read. */
async function* packBlocks(items: TarItems): AsyncGenerator<Buffer, void> {
  let [block, other] = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
  let used = 0;
  const swap = () => {
    used = 0;
    [block, other] = [other, block];
    return other;
  };
  const iterator = Symbol.iterator in items ? items[Symbol.iterator]() : items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = iterator.next();
      const { done, value } = next instanceof Promise ? await next : next;
      if (done) break;
      const { header, read, close } = value;
      const head = encodeHeader(header);
      for (let at = 0; at < head.length; ) {
        const copied = head.copy(block, used, at);
        at += copied;
        used += copied;
        if (used === BLOCK) yield swap();
      }
      if (!read) continue;
      try {
        for (let left = header.size; left > 0; ) {
          const reading = read(block.subarray(used, used + left));
          const length = typeof reading === "number" ? reading : await reading;
          left -= length;
          used += length;
          if (used === BLOCK) yield swap();
        }
      } finally {
        if (close) await close();
      }
      const padding = -used & (RECORD - 1);
      block.fill(0, used, used + padding);
      used += padding;
      if (used === BLOCK) yield swap();
    }
  } finally {
    await iterator.return?.();
  }
  yield Buffer.concat([block.subarray(0, used), Buffer.alloc(2 * RECORD)]);
}
