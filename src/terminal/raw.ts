import { spawnSync } from "node:child_process";

/**
 * Puts the terminal on fd 0 into raw mode until disposed, or until the process exits in any way that can be handled.
 * Uses `stty`, because Node's raw mode keeps output processing: a line feed would gain a carriage return.
 * Each call costs about 4 ms.
 */
export function enterRawMode(): Disposable {
  const saved = stty("-g");
  const restore = () => {
    process.off("exit", restore);
    if (saved) stty(saved);
    else process.stdin.setRawMode(false);
  };
  process.on("exit", restore);
  // `raw` alone keeps IEXTEN, which intercepts ^V and ^O on some systems.
  if (saved) stty("raw", "-echo", "-echonl", "-iexten");
  else process.stdin.setRawMode(true);
  let entered = true;
  return {
    [Symbol.dispose]() {
      if (entered) restore();
      entered = false;
    },
  };
}

/** @returns the output, or undefined without `stty`. */
function stty(...words: string[]): string | undefined {
  const { status, stdout } = spawnSync("stty", words, { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
