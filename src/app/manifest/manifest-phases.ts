import { record } from "../collections.ts";
import { quantity } from "../scalars.ts";
import { either, mapped, type Shape } from "../schema.ts";
import { secondsOf, WANTED } from "../units.ts";

const duration = quantity(secondsOf, WANTED.duration);

const phaseKeys = {
  predeploy: { shape: duration, about: "Of scripts.dokku.predeploy in app.json.", examples: ["5m"] },
  release: { shape: duration, about: "Of release in the Procfile.", examples: ["30m"] },
  postdeploy: { shape: duration, about: "Of scripts.dokku.postdeploy in app.json.", examples: ["1m"] },
  "first-postdeploy": { shape: duration, about: "Of scripts.postdeploy in app.json.", examples: ["1h"] },
} as const;

/** How long each phase of a deploy may take, in seconds; as long as it likes unless given. */
export type PhaseTimeouts = Readonly<Partial<Record<keyof typeof phaseKeys, number>>>;

/** One for all of them, or one for each. */
export const phaseTimeouts: Shape<PhaseTimeouts> = either(
  mapped(
    duration,
    (seconds): PhaseTimeouts => Object.fromEntries(Object.keys(phaseKeys).map((phase) => [phase, seconds])),
  ),
  record(phaseKeys),
);
