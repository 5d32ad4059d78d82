/** The version of the first request, with ConsoleSize (1.42) and several networks at create (1.44). */
export const PREFERRED = "1.44";

/** Engine 20.10, the oldest supported version. */
export const FLOOR = "1.41";

/** Orders `1.9` before `1.41`. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

/**
 * The version for a retry after an engine rejected a version: its own version in the `Api-Version` header
 * of the rejection. The engine checks versions before it acts, so the request had no effect.
 * @returns undefined if the rejection has another cause.
 */
export function renegotiate(status: number, asked: string, engine: string | undefined): string | undefined {
  return status === 400 && engine !== undefined && compareVersions(engine, asked) < 0 ? engine : undefined;
}
