const UNITS = [
  ["h", 3600, Infinity],
  ["m", 60, 60],
  ["s", 1, 60],
] as const;

/** `24h`, `1h30m`, `90s` as `1m30s`, in whole seconds: how long something lasts, as an option takes it. */
export function duration(seconds: number): string {
  const parts = UNITS.map(([unit, length, most]) => [Math.floor(seconds / length) % most, unit] as const);
  const shown = parts.filter(([count]) => count > 0).map((part) => part.join(""));
  return shown.join("") || "0s";
}
