/** The name that all aliases of a time zone share: `Etc/UTC` and `Zulu` are `UTC`. Undefined for an unknown zone. */
export function canonicalZone(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The zone as systemd knows it: `europe/berlin` is no zone for it. Undefined for an unknown zone and for `+01:00`. */
export function parseZone(written: string): string | undefined {
  const canonical = canonicalZone(written);
  if (canonical === undefined || !/^[A-Z]/i.test(written)) return undefined;
  return canonical.toLowerCase() === written.toLowerCase() ? canonical : written;
}
