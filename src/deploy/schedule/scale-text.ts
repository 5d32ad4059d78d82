import { isProcessType } from "../../app/procfile.ts";
import { badScale } from "../../errors/processes.ts";

/** How many processes of each type somebody wants. */
export type Scale = ReadonlyMap<string, number>;

/** @param words `web=2` and the like; the last one for a type counts. */
export function parseScale(words: readonly string[]): Scale {
  return new Map(
    words.map((word) => {
      const [, type = "", quantity = ""] = /^([^=]+)=(\d{1,4})$/.exec(word) ?? [];
      if (!isProcessType(type)) throw badScale(word);
      return [type, Number(quantity)];
    }),
  );
}

/** `web=2 worker=1` */
export const scaleText = (scale: Scale) => Array.from(scale, ([type, quantity]) => `${type}=${quantity}`).join(" ");
