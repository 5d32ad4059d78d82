const MOST = 63;

/** Derives an app name from any text: invalid characters become "-". */
export function appNameOf(text: string): string {
  const trim = (name: string) => name.replaceAll(/^[._-]+|[._-]+$/g, "");
  return trim(trim(text.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, "-")).slice(0, MOST)) || "app";
}

/** Derives a unique name for each; valid names are kept. */
export function appNames(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  const names = texts.map((text) => {
    const isKept = appNameOf(text) === text && !taken.has(text);
    if (isKept) taken.add(text);
    return isKept ? text : undefined;
  });
  return names.map((name, index) => name ?? claim(appNameOf(texts[index] ?? ""), taken));
}

function claim(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name.slice(0, MOST - 5)}-${number}`;
  taken.add(free);
  return free;
}
