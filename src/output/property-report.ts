/** Wide enough for any key, and the colon and space after it. */
const KEY = 32;

/** What is set of one app, under a heading. @param rows each a key and its value. */
export function propertyReport(heading: string, rows: readonly (readonly [key: string, value: string])[]): string {
  const lines = rows.map(([key, value]) => `       ${`${key}:`.padEnd(KEY)}${value}`.trimEnd());
  return `${[`=====> ${heading}`, ...lines].join("\n")}\n`;
}
