import { didYouMean } from "../app/did-you-mean.ts";
import { badChoice } from "../errors/cli.ts";

/** A value of an option that takes only these. @throws OneoffError for any other, with the nearest of them. */
export function choice<const C extends string>(option: string, text: string, known: readonly C[], command: string): C {
  const found = known.find((one) => one === text);
  if (found === undefined) throw badChoice(option, text, didYouMean(text, known), known, command);
  return found;
}
