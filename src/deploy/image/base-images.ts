import type { Builder } from "../../engine/build.ts";
import type { Dockerfile, Instruction } from "./dockerfile.ts";

/** An image that a builder will take from the engine, or pull where it is not there. */
export interface BaseImage {
  readonly image: string;
  /** The line that names it. */
  readonly line: number;
  /** Whether it only reads the Dockerfile. */
  readonly isFrontend?: boolean;
}

/** What decides which images a build needs. */
export interface BuildChoice {
  readonly builder: Builder;
  readonly args: ReadonlyMap<string, string>;
  readonly target?: string | undefined;
  /** The engine's own: `linux`, `amd64`; undefined where no Dockerfile has a variable of it. */
  readonly platform: { readonly os: string; readonly arch: string } | undefined;
}

interface Stage {
  readonly name: string | undefined;
  /** Stages by their index, and images. */
  readonly uses: readonly (number | BaseImage)[];
}

/**
 * The images that a build begins from or copies from. BuildKit builds those stages only that the target needs, the classic
 * builder all up to the target. What cannot be told, such as a name with a variable of an unknown form, is left out.
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

/** The stages that a build makes, by their place in the file. */
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

function readStages(instructions: readonly Instruction[], { args, platform }: BuildChoice): Stage[] {
  const stages: { name: string | undefined; uses: (number | BaseImage)[] }[] = [];
  const variables = new Map(Object.entries(platform ? platformVariables(platform) : {}));
  const use = (name: string | undefined, line: number) => {
    if (name === undefined) return;
    const index = stageIndex(stages.slice(0, name === stages.at(-1)?.name ? -1 : undefined), name);
    stages.at(-1)?.uses.push(index >= 0 ? index : { image: name, line });
  };
  for (const { keyword, args: words, line } of instructions) {
    const flags = words.slice(
      0,
      words.findIndex((word) => !word.startsWith("--")),
    );
    if (keyword === "ARG" && stages.length === 0) declareArg(words, args, variables);
    else if (keyword === "FROM") {
      const [image, as, name] = words.slice(flags.length);
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

/** @param by a FROM names a stage by its name only. @returns -1 where there is none. */
function stageIndex(stages: readonly Pick<Stage, "name">[], name: string, by?: "name"): number {
  const found = stages.findLastIndex((stage) => stage.name?.toLowerCase() === name.toLowerCase());
  return found >= 0 || by === "name" || !/^\d+$/.test(name) || Number(name) >= stages.length ? found : Number(name);
}

function reachable(stages: readonly Stage[], last: number): ReadonlySet<number> {
  const needed = new Set<number>();
  const need = (index: number) => {
    if (needed.has(index)) return;
    needed.add(index);
    for (const use of stages[index]?.uses ?? []) if (typeof use === "number") need(use);
  };
  need(last);
  return needed;
}

/** What BuildKit defines by itself. Who builds is who runs it here. */
const platformVariables = ({ os, arch }: NonNullable<BuildChoice["platform"]>) =>
  Object.fromEntries(
    ["BUILD", "TARGET"].flatMap((of) => [
      [`${of}PLATFORM`, `${os}/${arch}`],
      [`${of}OS`, os],
      [`${of}ARCH`, arch],
      [`${of}VARIANT`, ""],
    ]),
  );

/** Of the ARGs before the first FROM: what was given counts before their own value. */
function declareArg(
  words: readonly string[],
  given: ReadonlyMap<string, string>,
  variables: Map<string, string>,
): void {
  for (const word of words) {
    const [name = "", ...value] = word.split("=");
    const own = value.length > 0 ? expand(value.join("="), variables) : variables.get(name);
    const counts = given.get(name) ?? own;
    if (counts === undefined) variables.delete(name);
    else variables.set(name, counts);
  }
}

/** @returns undefined where it has something that is not known here. */
function expand(text: string, variables: ReadonlyMap<string, string>): string | undefined {
  let known = true;
  const expanded = text.replace(
    /'([^']*)'|"|\\(.)|\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}$]*))?\})|\$/g,
    (match, single, escaped, plain, braced, form, word) => {
      if (match === '"') return "";
      if (single !== undefined || escaped !== undefined) return single ?? escaped;
      const name = plain ?? braced;
      if (name === undefined) {
        known = false;
        return "";
      }
      const value = variables.get(name);
      const isSet = value !== undefined && !(form?.startsWith(":") && value === "");
      if (form?.endsWith("-")) return isSet ? value : word;
      if (form?.endsWith("+")) return isSet ? word : "";
      return value ?? "";
    },
  );
  return known ? expanded : undefined;
}
