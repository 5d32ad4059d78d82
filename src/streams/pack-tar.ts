import { encodeHeader, RECORD, type TarHeader } from "./tar-header.ts";

export interface TarItem {
  readonly header: TarHeader;
  /** Reads the next bytes of a file into `memory`. @returns their number, at least one. */
  readonly read?: (memory: Buffer) => Promise<number>;
}

/** In bytes: a multiple of the record size, and large enough to make the overhead of calls negligible. */
const BLOCK = 1024 * 1024;

/**
 * Packs an archive in blocks of one size, except the last. The memory of a block is reused after the next block is
 * requested. Files are read directly into blocks, one block ahead; small files share a block.
 */
export async function* packTar(items: AsyncIterable<TarItem>): AsyncGenerator<Buffer> {
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
async function* packBlocks(items: AsyncIterable<TarItem>): AsyncGenerator<Buffer, void> {
  let [block, other] = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
  let used = 0;
  /** @returns the block if it is full; the other block receives the next bytes. */
  const full = (length: number) => {
    used += length;
    if (used < BLOCK) return [];
    used = 0;
    [block, other] = [other, block];
    return [other];
  };
  for await (const { header, read } of items) {
    const head = encodeHeader(header);
    for (let at = 0; at < head.length; ) {
      const copied = head.copy(block, used, at);
      at += copied;
      yield* full(copied);
    }
    if (!read) continue;
    for (let left = header.size; left > 0; ) {
      const length = await read(block.subarray(used, used + left));
      left -= length;
      yield* full(length);
    }
    const padding = -used & (RECORD - 1);
    block.fill(0, used, used + padding);
    yield* full(padding);
  }
  yield Buffer.concat([block.subarray(0, used), Buffer.alloc(2 * RECORD)]);
}
