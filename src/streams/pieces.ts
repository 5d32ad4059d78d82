import type { ByteSource } from "./pump.ts";

/** Yields the chunks of a source; each is valid until the next is requested. The source waits meanwhile. */
export async function* pieces(source: ByteSource): AsyncGenerator<Buffer> {
  const brought: Buffer[] = [];
  let end: { readonly error?: unknown } | undefined;
  let news = Promise.withResolvers<void>();
  const over = (how: NonNullable<typeof end>) => {
    end = how;
    news.resolve();
  };
  source
    .read((chunk) => {
      brought.push(chunk);
      news.resolve();
      return false;
    })
    .then(
      () => over({}),
      (error: unknown) => over({ error }),
    );
  for (;;) {
    await news.promise;
    news = Promise.withResolvers();
    const ended = end;
    yield* brought.splice(0);
    if (ended && "error" in ended) throw ended.error;
    if (ended) return;
    source.resume();
  }
}
