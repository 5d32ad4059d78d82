import { composeProblem } from "../../errors/compose.ts";
import { commandWords } from "./command-words.ts";
import { words } from "./map-shapes.ts";
import { or, writing } from "./shape.ts";

/** A command line or a list of arguments. Without a value it is null; an empty one is a list without arguments. */
export const command = writing(or(words, { text: true, nothing: true }), (value, path, wrong) => {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return commandWords(value) ?? wrong(path, composeProblem.commandLine());
  return words.write(value, path, wrong) ?? [];
});
