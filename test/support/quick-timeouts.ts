import type { EngineTimeouts } from "../../src/engine/timeouts.ts";

/** A fake engine that goes away needs no time to come back, and tells of an exit when the test does. */
export const QUICK_TIMEOUTS_MS: Partial<EngineTimeouts> = { reconnectPause: 20, reconnect: 120, followedExit: 250 };
