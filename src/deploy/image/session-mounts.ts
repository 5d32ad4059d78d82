import { type BuildChoice, neededStages } from "./base-images.ts";
import type { Dockerfile, Instruction } from "./dockerfile.ts";

/** A secret or SSH agent that a `RUN` instruction mounts. */
export interface SessionMount {
  readonly type: "secret" | "ssh";
  readonly id: string;
  readonly isRequired: boolean;
  readonly line: number;
}

/** The mounts of stages that are built. */
export function sessionMounts(dockerfile: Dockerfile, choice: BuildChoice): SessionMount[] {
  const stageIndices = neededStages(dockerfile, choice);
  let stage = -1;
  return dockerfile.instructions.flatMap((instruction) => {
    if (instruction.keyword === "FROM") stage++;
    return instruction.keyword === "RUN" && stageIndices.has(stage) ? mountsOf(instruction) : [];
  });
}

function mountsOf({ args, line }: Instruction): SessionMount[] {
  const flags = args.slice(
    0,
    args.findIndex((arg) => !arg.startsWith("--")),
  );
  return flags.flatMap((flag) => {
    const [, text] = /^--mount=(.*)$/s.exec(flag) ?? [];
    if (text === undefined) return [];
    const fields = new Map(text.replaceAll('"', "").split(",").map(fieldOf));
    const type = fields.get("type")?.toLowerCase();
    if (type !== "secret" && type !== "ssh") return [];
    const target = fields.get("target") ?? fields.get("dst") ?? fields.get("destination");
    const id = fields.get("id") ?? (type === "ssh" ? "default" : (target?.split("/").at(-1) ?? ""));
    return { type, id, isRequired: /^(1|t|true)$/i.test(fields.get("required") ?? "false"), line };
  });
}

/** A field without a value is true. */
function fieldOf(field: string): [name: string, value: string] {
  const [name = "", ...value] = field.trim().split("=");
  return [name.toLowerCase(), value.length > 0 ? value.join("=") : "true"];
}
