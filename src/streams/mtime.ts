/** The last second that an engine keeps, since 1970: its times are nanoseconds in 64 bits. */
const LAST_SECOND = Math.floor(2 ** 63 / 1e9);

/** The nearest time that engines and node:fs both set. Node.js replaces one before 1970 with the current time. */
export const clampMtime = (seconds: number): number => Math.min(Math.max(seconds || 0, 0), LAST_SECOND);
