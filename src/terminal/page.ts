import { spawn } from "node:child_process";

/** 128 + SIGINT: ^C in a pager is no failure. */
const INTERRUPTED = 130;

/**
 * Shows a text in a pager and waits until the pager exits.
 * @param command a command line for sh.
 * @returns false if the pager was not found or failed, so that the text was not shown.
 */
export function page(
  command: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const pager = spawn("sh", ["-c", command], { stdio: ["pipe", "inherit", "inherit"], env });
  // The pager handles these signals: it owns the terminal.
  const ignore = () => {};
  for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, ignore);
  const end = (shown: boolean) => {
    for (const signal of ["SIGINT", "SIGQUIT"]) process.off(signal, ignore);
    resolve(shown);
  };
  pager.on("error", () => end(false));
  pager.on("exit", (code, signal) => end(code === 0 || code === INTERRUPTED || signal === "SIGINT"));
  // A pager that exits early closes the pipe, which is no error.
  pager.stdin.on("error", ignore);
  pager.stdin.end(text);
  return promise;
}
