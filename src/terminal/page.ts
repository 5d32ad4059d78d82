import { spawn } from "node:child_process";

/** 128 + n of ^C: whoever types it has read enough. */
const INTERRUPTED = 130;

/**
 * Lets a pager show a text, until it ends.
 * @param command a line for sh.
 * @returns false when it is not there, or has failed: then nobody has read the text.
 */
export function page(
  command: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const pager = spawn("sh", ["-c", command], { stdio: ["pipe", "inherit", "inherit"], env });
  // These are the pager's: it has the terminal.
  const ignore = () => {};
  for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, ignore);
  const end = (shown: boolean) => {
    for (const signal of ["SIGINT", "SIGQUIT"]) process.off(signal, ignore);
    resolve(shown);
  };
  pager.on("error", () => end(false));
  pager.on("exit", (code, signal) => end(code === 0 || code === INTERRUPTED || signal === "SIGINT"));
  // One that does not read to the end closes it: that is no fault.
  pager.stdin.on("error", ignore);
  pager.stdin.end(text);
  return promise;
}
