import { didYouMean } from "../app/did-you-mean.ts";
import { badChoice } from "../errors/cli.ts";

/** A value from a fixed list. @throws OneoffError for other values, with the most similar one. */
export function choice<const C extends string>(option: string, text: string, known: readonly C[], command: string): C {
  const found = known.find((one) => one === text);
  if (found === undefined) throw badChoice(option, text, didYouMean(text, known), known, command);
  return found;
}
