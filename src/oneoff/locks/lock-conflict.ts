import { quoteVisibly } from "../../app/quote.ts";
import { lockHeld } from "../../errors/oneoff.ts";
import type { Report } from "../../output/events.ts";
import type { OnConflict } from "../spec/options.ts";

interface LockInUse {
  readonly id: string;
  readonly key: string;
  /** The app and the name of its holder. */
  readonly app: string;
  readonly name: string;
  /** In seconds since 1970. */
  readonly since: number;
}

/**
 * Decides what a client does about a lock that is in use, and reports that once per holder.
 * @returns called for each attempt with the lock, and with what makes an error that replaces the default one.
 * @throws OneoffError if a lock in use is an error
 */
export function lockConflicts(report: Report, onConflict: OnConflict) {
  let reportedId: string | undefined;
  return ({ id, key, app, name, since }: LockInUse, refusal: () => Error | undefined): Exclude<OnConflict, "fail"> => {
    if (onConflict === "fail") {
      const next = `oneoff run --lock ${quoteVisibly(key)} --on-conflict wait …`;
      throw refusal() ?? lockHeld({ key, app, name, since }, next);
    }
    const type = ({ skip: "lock-skipped", wait: "lock-waiting", replace: "lock-replacing" } as const)[onConflict];
    if (reportedId !== id) report({ type, key, app, name });
    reportedId = id;
    return onConflict;
  };
}
