import type { ByteSource } from "../../../streams/pump.ts";

/** The output of a task that does not exist yet. @param opened undefined if the task has no output. */
export function lateOutput(opened: Promise<(ByteSource & Disposable) | undefined>): ByteSource & Disposable {
  let output: (ByteSource & Disposable) | undefined;
  let isDisposed = false;
  return {
    async read(reader) {
      output = await opened;
      if (!isDisposed) await output?.read(reader);
    },
    resume: () => output?.resume(),
    [Symbol.dispose]() {
      isDisposed = true;
      output?.[Symbol.dispose]();
    },
  };
}
