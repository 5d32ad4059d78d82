import { ambiguousOneoff } from "../../errors/oneoff.ts";
import { matchContainerName, oneoffName } from "../../identity/names.ts";
import { nameOf } from "../apps/find.ts";
import { isLive, type Oneoff } from "./oneoff.ts";

/** The one-offs that words mean, each once, and the words that mean none. */
export interface Selection {
  readonly selected: readonly Oneoff[];
  readonly unmatched: readonly string[];
}

/**
 * A word is `run.7364`, `7364`, a container's name or id, or an app, which means all of its that have not ended.
 * @throws OneoffError for a name that several have.
 */
export function selectOneoffs(words: readonly string[], oneoffs: readonly Oneoff[]): Selection {
  const meant = words.map((word) => meantBy(word, oneoffs));
  return {
    selected: [...new Set(meant.flat())],
    unmatched: words.filter((_, index) => meant[index]?.length === 0),
  };
}

function meantBy(word: string, oneoffs: readonly Oneoff[]): Oneoff[] {
  const name = oneoffName(word) ?? word;
  const isId = /^[0-9a-f]{12,64}$/.test(word);
  const byName = matchContainerName(word, oneoffs);
  const same = oneoffs.filter((one) => one.name === name || byName.includes(one) || (isId && one.id.startsWith(word)));
  if (same.length > 1) throw ambiguousOneoff(word, same.map(({ containerName }) => containerName).sort());
  return same.length > 0 ? same : oneoffs.filter((one) => one.app === nameOf(word) && isLive(one));
}
