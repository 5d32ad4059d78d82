/**
 * Modules of Node that no attached run uses, with the functions that oneoff and its libraries call. Loaded, they are in the
 * heap of the start-up snapshot, and crypto and child_process alone cost 2 ms at each start.
 */
const DEFERRED: Readonly<Record<string, readonly string[]>> = {
  child_process: ["spawn", "spawnSync"],
  crypto: ["createHash", "randomBytes", "randomInt", "randomUUID"],
  readline: ["clearLine", "clearScreenDown", "createInterface", "cursorTo", "moveCursor"],
  "stream/consumers": ["buffer", "text"],
};

/** undici asserts in most of its functions; the message of Node's assert is of no use without the file of the call. */
const ASSERT = `
const assert = (value, message) => {
  if (!value) throw message instanceof Error ? message : new Error(message ?? "an assertion failed");
};
const real = (name) => (...args) => process.getBuiltinModule("node:assert")[name](...args);
module.exports = Object.assign(assert, { strictEqual: real("strictEqual"), notStrictEqual: real("notStrictEqual") });
`;

/** The contents of modules that load the real one with the first call. A function that is missing here fails the build. */
export const deferredModules: readonly (readonly [RegExp, string])[] = [
  [/^(node:)?assert$/, ASSERT],
  ...Object.entries(DEFERRED).map(
    ([name, functions]) =>
      [
        new RegExp(`^(node:)?${name}$`),
        functions
          .map(
            (called) =>
              `export const ${called} = (...args) => process.getBuiltinModule("node:${name}").${called}(...args);\n`,
          )
          .join(""),
      ] as const,
  ),
];
