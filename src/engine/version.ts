/** The version asked for first: new enough for ConsoleSize (1.42) and several networks at create (1.44). */
export const PREFERRED = "1.44";

/** Engine 20.10. Older ones lack what a one-off needs. */
export const FLOOR = "1.41";

/** Orders `1.9` before `1.41`. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

/**
 * The version to ask for again, when an engine refused one: its own, which it names in the `Api-Version` header
 * of the refusal. The engine checks versions before it acts, so whatever was asked for has not happened.
 * @returns undefined when the refusal was not about the version.
 */
export function renegotiate(status: number, asked: string, engine: string | undefined): string | undefined {
  return status === 400 && engine !== undefined && compareVersions(engine, asked) < 0 ? engine : undefined;
}
