import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { join } from "./join.ts";

/** Formats by their first bytes. Node has no decoder for the formats with a program, which engines use as well. */
const FORMATS = [
  { begin: Buffer.from("28b52ffd", "hex"), create: createZstdDecompress },
  { begin: Buffer.from("1f8b", "hex"), create: createGunzip },
  { begin: Buffer.from("fd377a585a00", "hex"), program: "xz" },
  { begin: Buffer.from("BZh"), program: "bzip2" },
] as const;

/** In bytes. */
const LONGEST_BEGIN = 6;

/**
 * Decompresses a source; uncompressed bytes pass through.
 * @param onGarbled creates the error for truncated or invalid data. Errors of the source are rethrown.
 */
export async function* decompressed(
  source: AsyncIterable<Buffer>,
  onGarbled: (problem: string) => Error,
): AsyncGenerator<Buffer> {
  const incoming = source[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    while (head.length < LONGEST_BEGIN) {
      const { done, value } = await incoming.next();
      if (done) break;
      head = Buffer.concat([head, value]);
    }
    const rest = { [Symbol.asyncIterator]: () => incoming };
    const format = FORMATS.find(({ begin }) => beginsWith(head, begin));
    const whole = async function* () {
      yield head;
      yield* rest;
    };
    if (!format) yield* whole();
    else if ("program" in format) yield* bytesOfProgram(format.program, whole(), onGarbled);
    else yield* plainBytes(format.create, whole(), onGarbled);
  } finally {
    await incoming.return?.();
  }
}

const beginsWith = (bytes: Buffer, begin: Buffer) => bytes.subarray(0, begin.length).equals(begin);

type OnGarbled = (problem: string) => Error;

async function* plainBytes(
  create: typeof createGunzip | typeof createZstdDecompress,
  compressed: AsyncIterable<Buffer>,
  onGarbled: OnGarbled,
) {
  const source = watched(compressed);
  const plain = create();
  void join(Readable.from(source.bytes()), plain);
  try {
    yield* plain as AsyncIterable<Buffer>;
  } catch (error) {
    throw source.error ?? onGarbled((error as Error).message);
  }
  // Before Node 26 the decoder ends after the first frame, even if more frames follow.
  if (create === createZstdDecompress && plain.bytesWritten < source.length)
    throw onGarbled("it has several frames; zstd -d combines them");
}

async function* bytesOfProgram(program: string, compressed: AsyncIterable<Buffer>, onGarbled: OnGarbled) {
  const source = watched(compressed);
  const child = spawn(program, ["-dc"], { stdio: "pipe" });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    if (stderr.length < 1000) stderr += chunk;
  });
  const problem = new Promise<string | undefined>((resolve) => {
    child.once("error", () => resolve(`${program} is not installed`));
    child.once("close", (code) => resolve(code === 0 ? undefined : stderr.trim() || `${program} exited with ${code}`));
  });
  void join(Readable.from(source.bytes()), child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const why = await problem;
    if (why !== undefined) throw new Error(why);
  } catch (error) {
    // The exit of the program names the cause, whichever stream failed first.
    throw source.error ?? onGarbled((await problem) ?? (error as Error).message);
  } finally {
    child.kill();
  }
}

/** Marks errors of the source, to distinguish them from invalid data. */
function watched(source: AsyncIterable<Buffer>) {
  const state = {
    error: undefined as unknown,
    length: 0,
    async *bytes() {
      const incoming = source[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await incoming.next().catch((error: unknown) => {
            state.error = error;
            throw error;
          });
          if (next.done) return;
          state.length += next.value.length;
          // An error thrown here is an error of the reader, e.g. that it has stopped reading.
          yield next.value;
        }
      } finally {
        await incoming.return?.();
      }
    },
  };
  return state;
}
