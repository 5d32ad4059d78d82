import { isRefusal } from "./engine.ts";

/** Whether an engine is a worker or in no Swarm. A manager without a leader answers 503, too. */
export const isNotManager = (error: unknown) => isRefusal(error, 503) && /not a swarm manager/i.test(error.reason);
