import type { ByteSource } from "./pump.ts";

/** Yields the chunks of a source; each is valid until the next is requested. The source waits meanwhile. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Buffer> {
  const received: Buffer[] = [];
  let result: { readonly error?: unknown } | undefined;
  let change = Promise.withResolvers<void>();
  const finish = (value: NonNullable<typeof result>) => {
    result = value;
    change.resolve();
  };
  source
    .read((chunk) => {
      received.push(chunk);
      change.resolve();
      return false;
    })
    .then(
      () => finish({}),
      (error: unknown) => finish({ error }),
    );
  for (;;) {
    await change.promise;
    change = Promise.withResolvers();
    const current = result;
    yield* received.splice(0);
    if (current && "error" in current) throw current.error;
    if (current) return;
    source.resume();
  }
}
