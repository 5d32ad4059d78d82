const MOST = 63;

/** An app's name made of any text: what it cannot have becomes "-". */
export function appNameOf(text: string): string {
  const trim = (name: string) => name.replaceAll(/^[._-]+|[._-]+$/g, "");
  return trim(trim(text.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-")).slice(0, MOST)) || "app";
}

/** A name for each, all of them different from each other; who has a name that an app can have keeps it. */
export function appNames(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  const names = texts.map((text) => {
    const kept = appNameOf(text) === text && !taken.has(text);
    if (kept) taken.add(text);
    return kept ? text : undefined;
  });
  return names.map((name, index) => name ?? claim(appNameOf(texts[index] ?? ""), taken));
}

function claim(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name.slice(0, MOST - 5)}-${number}`;
  taken.add(free);
  return free;
}

/** A Compose project's name made of a folder's, by Compose's rule; empty when nothing of it is left. */
export const projectNameOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");
