import type { CommandShape } from "./shapes.ts";

/** JSON of the shapes of all commands, prepared by the build: completion would load every command for them. */
declare const ONEOFF_SHAPES: string | undefined;

/** undefined in the sources. */
export const PREPARED_SHAPES: Readonly<Record<string, CommandShape>> | undefined =
  typeof ONEOFF_SHAPES === "undefined" ? undefined : JSON.parse(ONEOFF_SHAPES);
