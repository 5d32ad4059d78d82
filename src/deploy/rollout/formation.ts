import type { AppJsonFormation } from "../../app/app-json.ts";
import type { Formation } from "../../app/manifest/manifest-run.ts";
import type { Procfile } from "../../app/procfile.ts";
import { releaseIsNoProcess, unknownProcessTypes } from "../../errors/processes.ts";
import type { Scale } from "./scale.ts";

/** The processes of one type. */
export interface ProcessGroup {
  readonly type: string;
  readonly quantity: number;
  readonly size?: string;
  /** How many start at the same time; all by default. */
  readonly maxParallel?: number;
}

export interface FormationFacts {
  readonly app: string;
  readonly procfile: Procfile;
  /** `formation` in app.json. */
  readonly fromAppJson: ReadonlyMap<string, AppJsonFormation>;
  /** `formation` in oneoff.yaml. */
  readonly fromManifest: ReadonlyMap<string, Formation> | undefined;
  /** The quantities that `oneoff scale` has set. */
  readonly scale: Scale;
}

/**
 * The quantity of each process type, web first. `oneoff scale` takes precedence, then oneoff.yaml, then app.json,
 * because the first two belong to this host. The default is one web. Without a Procfile every type runs the command of
 * the image.
 * @returns also types with quantity 0. No web if neither the Procfile nor a setting has one.
 * @throws OneoffError for `release`, and for a type with a quantity but without a command.
 */
export function formationOf({ app, procfile, fromAppJson, fromManifest, scale }: FormationFacts): ProcessGroup[] {
  const configured = new Set([...scale.keys(), ...(fromManifest?.keys() ?? []), ...fromAppJson.keys()]);
  const isKnown = (type: string) => procfile.size === 0 || procfile.has(type);
  const groups = [...new Set(["web", ...procfile.keys(), ...configured])].map((type): ProcessGroup => {
    const { quantity: manifestQuantity, size: manifestSize } = fromManifest?.get(type) ?? {};
    const { quantity: jsonQuantity, size: jsonSize, maxParallel } = fromAppJson.get(type) ?? {};
    const setQuantity = scale.get(type) ?? manifestQuantity ?? jsonQuantity;
    const size = manifestSize ?? jsonSize;
    const quantity = setQuantity ?? (type === "web" && isKnown(type) ? 1 : 0);
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
