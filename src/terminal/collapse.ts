/**
 * Called once if the process cannot complete: for an uncaught error, or if the event loop is empty.
 * Node would exit with its own code, and for an empty event loop with 0 or without a message.
 * @param listener receives the error; undefined for an empty event loop.
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
