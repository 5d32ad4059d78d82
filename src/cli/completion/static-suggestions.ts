import { optionsOf } from "../argv.ts";
import { COMMANDS, GLOBAL, SHAPES } from "../commands.ts";
import { commonOptions } from "../common-options.ts";
import { TOPICS } from "../topics/topics.ts";
import type { Suggestion } from "./suggestion.ts";

export const ourCommands = (): Suggestion[] =>
  Array.from(SHAPES.keys(), (value) => ({ value, what: COMMANDS.get(value)?.describe }));

export const topics = (): Suggestion[] => [
  ...ourCommands(),
  { value: "topics", what: "The list of topics" },
  ...Array.from(TOPICS, ([value, { about }]) => ({ value, what: about })).filter(({ value }) => !COMMANDS.has(value)),
];

export const partsOf = (topic = ""): Suggestion[] =>
  Array.from(TOPICS.get(topic)?.parts ?? [], ([value, { about }]) => ({ value, what: about }));

/** Those of a command that can be given now; before any, those that matter there. */
export function optionSuggestions(command: string | undefined, given: ReadonlyMap<string, string>): Suggestion[] {
  const options = command === undefined ? { ...GLOBAL, ...commonOptions } : optionsOf(SHAPES, command);
  return Object.entries(options)
    .filter(([name, { many }]) => many || !given.has(name))
    .map(([name, { placeholder, describe }]) => ({
      value: `--${name}`,
      what: placeholder === undefined ? describe : `${placeholder}: ${describe}`,
    }));
}
