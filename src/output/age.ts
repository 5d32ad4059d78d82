const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
] as const;

/** How long ago something was, in its largest whole unit: `45s`, `12m`, `3h`, `200d`. @param seconds since then. */
export function age(seconds: number): string {
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["s", 1];
  return `${Math.floor(Math.max(seconds, 0) / length)}${unit}`;
}
