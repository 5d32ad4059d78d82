/** The last second since 1970 that an engine stores: its times are nanoseconds in 64 bits. */
const LAST_SECOND = Math.floor(2 ** 63 / 1e9);

/** Clamps a time to the range of engines and node:fs. Node replaces times before 1970 with the current time. */
export const clampMtime = (seconds: number): number => Math.min(Math.max(seconds || 0, 0), LAST_SECOND);
