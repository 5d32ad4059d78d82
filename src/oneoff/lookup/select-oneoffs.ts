import { ambiguousOneoff } from "../../errors/oneoff.ts";
import { matchContainerName, oneoffName } from "../../identity/names.ts";
import { unqualifiedName } from "../apps/find.ts";
import { isLive, type Oneoff } from "./oneoff.ts";

/** The one-offs that match words, without duplicates, and the words that match none. */
export interface Selection {
  readonly selected: readonly Oneoff[];
  readonly unmatched: readonly string[];
}

/**
 * Selects one-offs by `run.7364`, `7364`, a container's name or id, or an app, which selects its live one-offs.
 * @throws OneoffError for a name that several one-offs have.
 */
export function selectOneoffs(words: readonly string[], oneoffs: readonly Oneoff[]): Selection {
  const matches = words.map((word) => matchWord(word, oneoffs));
  return {
    selected: [...new Set(matches.flat())],
    unmatched: words.filter((_, index) => matches[index]?.length === 0),
  };
}

function matchWord(word: string, oneoffs: readonly Oneoff[]): Oneoff[] {
  const name = oneoffName(word) ?? word;
  const isId = /^[0-9a-f]{12,64}$/.test(word);
  const byName = matchContainerName(word, oneoffs);
  const same = oneoffs.filter(
    (oneoff) => oneoff.name === name || byName.includes(oneoff) || (isId && oneoff.id.startsWith(word)),
  );
  if (same.length > 1) throw ambiguousOneoff(word, same.map(({ containerName }) => containerName).sort());
  return same.length > 0 ? same : oneoffs.filter((oneoff) => oneoff.app === unqualifiedName(word) && isLive(oneoff));
}
