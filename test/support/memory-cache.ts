/** A cache in memory. @param initial the text of every key that was not set. */
export function memoryCache(initial?: string) {
  const texts = new Map<string, string>();
  return {
    get: (key: string) => texts.get(key) ?? initial,
    set: (key: string, text: string) => void texts.set(key, text),
  };
}
