import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { launch } from "./process.ts";

let made = 0;

/**
 * A pipe as a shell makes it, with two ends that block. Node's own "pipe" is a pair of sockets, which are larger and
 * behave differently when they are full.
 */
const openPipe = () => {
  const path = `/tmp/oneoff-b-${process.pid}-${made++}`;
  execFileSync("mkfifo", [path]);
  try {
    // Opening a FIFO for reading and writing does not wait for the other side, nor do the next two while it is open.
    const both = openSync(path, constants.O_RDWR);
    const [reader, writer] = [openSync(path, constants.O_RDONLY), openSync(path, constants.O_WRONLY)];
    closeSync(both);
    return { reader, writer };
  } finally {
    rmSync(path);
  }
};

/** Both spend nearly no time on a block, so that neither of them limits a client. */
const COUNT = ["wc", "-c"];
const zeros = (bytes: number) => ["head", "-c", String(bytes), "/dev/zero"];

/** A stdin that delivers so many zeros, then EOF. */
export const feed = (bytes: number): { stdin: number } => {
  const { reader, writer } = openPipe();
  // A client that exits early breaks this pipe; its own exit code reports that.
  launch(zeros(bytes), { stdout: writer });
  return { stdin: reader };
};

/** A stdout that is read to its end. `verify` throws unless it was so many bytes. */
export const drain = () => {
  const { reader, writer } = openPipe();
  const counting = launch(COUNT, { stdin: reader });
  return {
    stdout: writer,
    async verify(bytes: number) {
      const counted = Number((await counting.done).stdout);
      if (counted !== bytes) throw new Error(`${counted} bytes arrived, of ${bytes}`);
    },
  };
};
