import { fileProblem } from "../../errors/manifest.ts";
import type { ManifestCron } from "../cron/cron-keys.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { Env } from "../env.ts";
import type { Mount } from "../mounts.ts";
import type { Procfile } from "../procfile.ts";
import { type Entry, type Node, type Of, type Reading, read, type Shape } from "../schema/schema.ts";
import { type Sizes, sizeNames } from "../sizes.ts";
import { appKeys, appRecord, type Build } from "./manifest-keys.ts";
import type { ManifestMount } from "./manifest-mounts.ts";
import type { PhaseTimeouts } from "./manifest-phases.ts";
import type { ProcessDefaults } from "./manifest-processes.ts";
import type { Formation, RunDefaults } from "./manifest-run.ts";
import type { SwarmFile } from "./manifest-swarm.ts";

/** One app of `oneoff.yaml`, with absolute paths and interpolated variables. */
export interface ManifestApp {
  readonly image?: string;
  readonly build?: Build;
  /** The container to copy: `compose:shop/web`. `image` replaces its image. */
  readonly from?: string;
  readonly env?: Env;
  /** `env` takes precedence over env files. */
  readonly envFiles?: readonly string[];
  /** The commands of process types, or the path of a Procfile. */
  readonly procfile?: Procfile | { readonly path: string };
  readonly appJson?: string;
  readonly networks?: readonly string[];
  /** In the engine's format. */
  readonly binds?: readonly string[];
  readonly mounts?: readonly Mount[];
  readonly user?: string;
  readonly workdir?: string;
  /** One empty string removes the entrypoint of the image. */
  readonly entrypoint?: readonly string[];
  /** The shell that runs command lines with `-c`. */
  readonly shell?: string;
  readonly init?: boolean;
  readonly run?: RunDefaults;
  readonly sizes?: Sizes;
  readonly formation?: ReadonlyMap<string, Formation>;
  readonly phaseTimeouts?: PhaseTimeouts;
  readonly cron?: ManifestCron;
  readonly processes?: ProcessDefaults;
  /** Whether a deploy creates services of a Swarm. */
  readonly swarm?: boolean;
  readonly secrets?: readonly SwarmFile[];
  readonly configs?: readonly SwarmFile[];
  /** Warnings about variables that are not set. */
  readonly warnings: readonly string[];
}

/** Reads an app, and also checks rules between keys. */
export const appShape: Shape<ManifestApp> = {
  ...appRecord,
  kinds: { map: readApp },
  json: () => ({
    ...appRecord.json(),
    anyOf: SOURCES.map((key) => ({ required: [key] })),
    not: { required: ["build"], anyOf: [{ required: ["image"] }, { required: ["from"] }] },
  }),
};

const SOURCES = ["image", "build", "from"];
const KNOWN = Object.keys(appKeys);

function readApp(node: Of<"map">, name: string, to: Reading): ManifestApp | undefined {
  const warnings = new Map<string, string>();
  const unset = (variable: string, at: number) => {
    if (!warnings.has(variable)) warnings.set(variable, `${to.where(at)}: ${fileProblem.unset(variable)}`);
  };
  const app = read(appRecord, node, name, { ...to, unset });
  checkSource(node, name, to);
  checkSizes(node, to);
  if (app === undefined) return undefined;
  if (app.swarm !== true) checkSwarm(node, to);
  const { "env-file": envFiles, "app-json": appJson, "phase-timeout": phaseTimeouts, mounts: mixed, ...same } = app;
  return {
    ...same,
    ...(envFiles && { envFiles }),
    ...(appJson && { appJson }),
    ...(phaseTimeouts && { phaseTimeouts }),
    ...(mixed && sorted(mixed)),
    warnings: [...warnings.values()],
  };
}

const sorted = (mounts: readonly ManifestMount[]) => ({
  binds: mounts.flatMap((mount) => ("bind" in mount ? mount.bind : [])),
  mounts: mounts.flatMap((mount) => ("mount" in mount ? mount.mount : [])),
});

/** An app needs image, build or from; only image and from can be combined. */
function checkSource({ at, entries }: Of<"map">, name: string, to: Reading): void {
  const sources = entries.filter(({ key }) => SOURCES.includes(key));
  // A misspelled key is one mistake, not two.
  const meant = ({ key }: Entry) => !Object.hasOwn(appKeys, key) && SOURCES.includes(didYouMean(key, KNOWN) ?? "");
  if (sources.length === 0 && !entries.some(meant)) to.wrong(at, fileProblem.missing(name, SOURCES));
  const build = sources.find(({ key }) => key === "build");
  for (const other of sources) {
    if (!build || other === build) continue;
    const [first, second] = other.at < build.at ? [other, build] : [build, other];
    to.wrong(second.at, fileProblem.together(second.key, first.key, to.line(first.at)));
  }
}

function checkSizes(app: Of<"map">, to: Reading): void {
  const known = sizeNames(entriesOf(app, "sizes").map(({ key }) => key));
  for (const { value } of entriesOf(app, "formation")) {
    const size = value.kind === "map" ? value.entries.find(({ key }) => key === "size")?.value : undefined;
    if (size?.kind !== "text" || size.written.includes("$") || known.includes(size.written)) continue;
    to.wrong(size.at, fileProblem.unknownSize(size.written, didYouMean(size.written, known), known));
  }
}

/** Without a Swarm these would be missing silently. */
function checkSwarm({ entries }: Of<"map">, to: Reading): void {
  for (const { key, at } of entries) if (SWARM_ONLY.includes(key)) to.wrong(at, fileProblem.needsSwarm(key));
}

const SWARM_ONLY = ["secrets", "configs"];

function entriesOf(map: Of<"map">, key: keyof typeof appKeys): readonly Entry[] {
  const value: Node | undefined = map.entries.find((entry) => entry.key === key)?.value;
  return value?.kind === "map" ? value.entries : [];
}
