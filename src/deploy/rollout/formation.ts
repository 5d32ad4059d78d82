import type { AppJsonFormation } from "../../app/app-json.ts";
import type { Formation } from "../../app/manifest/manifest-run.ts";
import type { Procfile } from "../../app/procfile.ts";
import { releaseIsNoProcess, unknownProcessTypes } from "../../errors/processes.ts";
import type { Scale } from "./scale.ts";

/** So many processes of one type. */
export interface ProcessGroup {
  readonly type: string;
  readonly quantity: number;
  readonly size?: string;
  /** How many to start at a time; all unless given. */
  readonly maxParallel?: number;
}

export interface FormationFacts {
  readonly app: string;
  readonly procfile: Procfile;
  /** What the developers propose, in app.json. */
  readonly fromAppJson: ReadonlyMap<string, AppJsonFormation>;
  /** What oneoff.yaml says. */
  readonly fromManifest: ReadonlyMap<string, Formation> | undefined;
  /** What `oneoff scale` has set. */
  readonly scale: Scale;
}

/**
 * How often each process type runs, web first. The last word on a type has `oneoff scale`, then oneoff.yaml, then
 * app.json, for the first two are about this very place; where nobody says anything there is one web. Without a Procfile
 * every type is what the image runs.
 * @returns those of quantity 0 too. No web where the Procfile has none and nobody has asked for one.
 * @throws OneoffError for a type that is to run and has no command, and for `release`.
 */
export function formationOf({ app, procfile, fromAppJson, fromManifest, scale }: FormationFacts): ProcessGroup[] {
  const named = new Set([...scale.keys(), ...(fromManifest?.keys() ?? []), ...fromAppJson.keys()]);
  const isKnown = (type: string) => procfile.size === 0 || procfile.has(type);
  const groups = [...new Set(["web", ...procfile.keys(), ...named])].map((type): ProcessGroup => {
    const { quantity: ofYaml, size: sizeOfYaml } = fromManifest?.get(type) ?? {};
    const { quantity: ofJson, size: sizeOfJson, maxParallel } = fromAppJson.get(type) ?? {};
    const said = scale.get(type) ?? ofYaml ?? ofJson;
    const size = sizeOfYaml ?? sizeOfJson;
    const quantity = said ?? (type === "web" && isKnown(type) ? 1 : 0);
    return { type, quantity, ...(size && { size }), ...(maxParallel && { maxParallel }) };
  });
  if (groups.some(({ type, quantity }) => type === "release" && quantity > 0)) throw releaseIsNoProcess(app);
  const unknown = groups.filter(({ type, quantity }) => quantity > 0 && !isKnown(type)).map(({ type }) => type);
  if (unknown.length > 0) {
    throw unknownProcessTypes(
      app,
      unknown,
      [...procfile.keys()].filter((type) => type !== "release"),
    );
  }
  return groups.filter(({ type }) => type !== "release" && isKnown(type));
}
