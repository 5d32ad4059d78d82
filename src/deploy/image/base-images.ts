import type { Builder } from "../../engine/build.ts";
import type { Dockerfile, Instruction } from "./dockerfile.ts";

/** An image that a build uses, from the engine or a registry. */
export interface BaseImage {
  readonly image: string;
  /** Line in the Dockerfile. */
  readonly line: number;
  /** Whether it is the frontend that parses the Dockerfile. */
  readonly isFrontend?: boolean;
}

/** The options that determine which images a build needs. */
export interface BuildChoice {
  readonly builder: Builder;
  readonly args: ReadonlyMap<string, string>;
  readonly target?: string | undefined;
  /** The platform of the engine, e.g. `linux` and `amd64`; undefined if the Dockerfile has no variable for it. */
  readonly platform: { readonly os: string; readonly arch: string } | undefined;
}

interface Stage {
  readonly name: string | undefined;
  /** Indices of stages, and images. */
  readonly uses: readonly (number | BaseImage)[];
}

/**
 * The images in FROM and `--from`. BuildKit builds only the stages that the target needs, the classic builder all
 * stages up to the target. Names with unsupported variable syntax are omitted.
 */
export function baseImages({ syntax, instructions }: Dockerfile, choice: BuildChoice): BaseImage[] {
  const { builder, args } = choice;
  const stages = readStages(instructions, choice);
  const indices = selectStages(stages, choice);
  const built = stages.filter((_, index) => indices.has(index));
  const frontend = builder === "classic" ? undefined : (args.get("BUILDKIT_SYNTAX") ?? syntax)?.split(/\s/)[0];
  const images = [
    ...(frontend ? [{ image: frontend, line: 1, isFrontend: true }] : []),
    ...built.flatMap(({ uses }) => uses.filter((use) => typeof use !== "number")),
  ];
  return images.filter(
    ({ image }, index) => isReference(image) && images.findIndex((one) => one.image === image) === index,
  );
}

/** Indices of the stages that are built. */
export const neededStages = ({ instructions }: Dockerfile, choice: BuildChoice): ReadonlySet<number> =>
  selectStages(readStages(instructions, choice), choice);

function selectStages(stages: readonly Stage[], { builder, target }: BuildChoice): ReadonlySet<number> {
  const last = target === undefined ? stages.length - 1 : stageIndex(stages, target);
  return builder === "classic"
    ? new Set(Array.from({ length: last + 1 }, (_, index) => index))
    : reachable(stages, last);
}

const isReference = (text: string) =>
  text !== "scratch" && /^[a-z0-9]([\w./:@-]*\w)?$/i.test(text) && !/\.\.|\/\//.test(text);

function readStages(instructions: readonly Instruction[], { args: buildArgs, platform }: BuildChoice): Stage[] {
  const stages: { name: string | undefined; uses: (number | BaseImage)[] }[] = [];
  const variables = new Map(Object.entries(platform ? platformVariables(platform) : {}));
  const use = (name: string | undefined, line: number) => {
    if (name === undefined) return;
    const index = stageIndex(stages.slice(0, name === stages.at(-1)?.name ? -1 : undefined), name);
    stages.at(-1)?.uses.push(index >= 0 ? index : { image: name, line });
  };
  for (const { keyword, args, line } of instructions) {
    const flags = args.slice(
      0,
      args.findIndex((word) => !word.startsWith("--")),
    );
    if (keyword === "ARG" && stages.length === 0) declareArg(args, buildArgs, variables);
    else if (keyword === "FROM") {
      const [image, as, name] = args.slice(flags.length);
      const from = image && expand(image, variables);
      const index = from ? stageIndex(stages, from, "name") : -1;
      const base = index >= 0 ? index : from ? { image: from, line } : undefined;
      stages.push({ name: as?.toLowerCase() === "as" ? name : undefined, uses: base === undefined ? [] : [base] });
    } else if (keyword === "COPY" || keyword === "RUN") {
      for (const flag of flags) use(/^--from=(.+)$|^--mount=(?:.*,)?from=([^,]+)/.exec(flag)?.slice(1).join(""), line);
    }
  }
  return stages;
}

/** @param by FROM accepts names only, `--from` also indices. @returns -1 for an unknown stage. */
function stageIndex(stages: readonly Pick<Stage, "name">[], name: string, by?: "name"): number {
  const index = stages.findLastIndex((stage) => stage.name?.toLowerCase() === name.toLowerCase());
  return index >= 0 || by === "name" || !/^\d+$/.test(name) || Number(name) >= stages.length ? index : Number(name);
}

function reachable(stages: readonly Stage[], last: number): ReadonlySet<number> {
  const stageIndices = new Set<number>();
  const visit = (index: number) => {
    if (stageIndices.has(index)) return;
    stageIndices.add(index);
    for (const use of stages[index]?.uses ?? []) if (typeof use === "number") visit(use);
  };
  visit(last);
  return stageIndices;
}

/** Variables that BuildKit sets. The build platform is the target platform here. */
const platformVariables = ({ os, arch }: NonNullable<BuildChoice["platform"]>) =>
  Object.fromEntries(
    ["BUILD", "TARGET"].flatMap((of) => [
      [`${of}PLATFORM`, `${os}/${arch}`],
      [`${of}OS`, os],
      [`${of}ARCH`, arch],
      [`${of}VARIANT`, ""],
    ]),
  );

/** Sets variables of an ARG before the first FROM. Build arguments take precedence over its default. */
function declareArg(
  args: readonly string[],
  buildArgs: ReadonlyMap<string, string>,
  variables: Map<string, string>,
): void {
  for (const arg of args) {
    const [name = "", ...rest] = arg.split("=");
    const defaultValue = rest.length > 0 ? expand(rest.join("="), variables) : variables.get(name);
    const value = buildArgs.get(name) ?? defaultValue;
    if (value === undefined) variables.delete(name);
    else variables.set(name, value);
  }
}

/** @returns undefined for unsupported syntax. */
function expand(text: string, variables: ReadonlyMap<string, string>): string | undefined {
  let isSupported = true;
  const expanded = text.replace(
    /'([^']*)'|"|\\(.)|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}$]*))?\})|\$/g,
    (match, single, escaped, plain, braced, form, word) => {
      if (match === '"') return "";
      if (single !== undefined || escaped !== undefined) return single ?? escaped;
      const name = plain ?? braced;
      if (name === undefined) {
        isSupported = false;
        return "";
      }
      const value = variables.get(name);
      const isSet = value !== undefined && !(form?.startsWith(":") && value === "");
      if (form?.endsWith("-")) return isSet ? value : word;
      if (form?.endsWith("+")) return isSet ? word : "";
      return value ?? "";
    },
  );
  return isSupported ? expanded : undefined;
}
