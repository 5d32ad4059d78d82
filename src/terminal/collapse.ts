/**
 * Hears, once, that the process cannot get to its end: an error that nobody catches, or nothing left that could still
 * happen. Node would end with its own code then, and after the second one with 0 or without a word.
 * @param listener is given the error; undefined when nothing is left.
 */
export function onCollapse(listener: (error: unknown) => void): void {
  let isOver = false;
  const collapse = (error?: unknown) => {
    if (isOver) return;
    isOver = true;
    listener(error);
  };
  process.on("uncaughtException", collapse);
  process.on("beforeExit", () => collapse());
}
