import { record } from "../schema/collections.ts";
import { quantity } from "../schema/scalars.ts";
import { either, mapped, type Shape } from "../schema/schema.ts";
import { secondsOf, WANTED } from "../units.ts";

const duration = quantity(secondsOf, WANTED.duration);

const phaseKeys = {
  predeploy: { shape: duration, about: "Time limit of scripts.dokku.predeploy in app.json.", examples: ["5m"] },
  release: { shape: duration, about: "Time limit of release in the Procfile.", examples: ["30m"] },
  postdeploy: { shape: duration, about: "Time limit of scripts.dokku.postdeploy in app.json.", examples: ["1m"] },
  "first-postdeploy": { shape: duration, about: "Time limit of scripts.postdeploy in app.json.", examples: ["1h"] },
} as const;

/** Time limit of each deploy phase in seconds; absent for no limit. */
export type PhaseTimeouts = Readonly<Partial<Record<keyof typeof phaseKeys, number>>>;

/** One duration for every phase, or one for each phase. */
export const phaseTimeouts: Shape<PhaseTimeouts> = either(
  mapped(
    duration,
    (seconds): PhaseTimeouts => Object.fromEntries(Object.keys(phaseKeys).map((phase) => [phase, seconds])),
  ),
  record(phaseKeys),
);
