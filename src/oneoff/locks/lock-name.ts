/** The container's name of a lock. The engine guarantees that names are unique. */
export function lockName(key: string): string {
  const safe = key.replaceAll(/[^\w.-]+/g, "-").slice(0, 60);
  return `oneoff.lock.${safe === key ? key : `${safe}.${fingerprint(key)}`}`;
}

/** Distinguishes keys that become equal when they are made safe (FNV-1a, 32 bits). */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
