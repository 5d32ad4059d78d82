import type { CommandShape } from "./shapes.ts";

/** The shapes of all commands, prepared by the build: completion would load every command for them. */
declare const ONEOFF_SHAPES: Readonly<Record<string, CommandShape>> | undefined;

/** undefined in the sources. */
export const PREPARED_SHAPES = typeof ONEOFF_SHAPES === "undefined" ? undefined : ONEOFF_SHAPES;
