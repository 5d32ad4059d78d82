/** The name of the container that is a lock: the engine lets no two have it. */
export function lockName(key: string): string {
  const safe = key.replaceAll(/[^\w.-]+/g, "-").slice(0, 60);
  return `oneoff.lock.${safe === key ? key : `${safe}.${fingerprint(key)}`}`;
}

/** Tells keys apart that look the same once they are made safe (FNV-1a, 32 bits). */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
