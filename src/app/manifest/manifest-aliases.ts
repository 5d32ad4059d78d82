import { fileProblem } from "../../errors/manifest.ts";
import { didYouMean } from "../did-you-mean.ts";
import { mapOf } from "../schema/collections.ts";
import { rule, verbatim } from "../schema/scalars.ts";
import { mapped, type Shape } from "../schema/schema.ts";
import { lexWords } from "../shell-words.ts";
import { command, complain } from "./manifest-shapes.ts";

/** Names of command lines: `console` for `run web bin/rails console`, as arguments. */
export type Aliases = ReadonlyMap<string, readonly string[]>;

const aliasName = rule(
  /^[A-Za-z0-9][A-Za-z0-9:._-]{0,62}$/,
  'the name of an alias: at most 63 letters, digits, ":", ".", "_" and "-"',
);

/** @param commands of oneoff: an alias begins with one, and has the name of none. */
export function aliasesOf(commands: ReadonlySet<string>): Shape<Aliases> {
  const mapWith = (names: ReadonlySet<string>) => mapOf(aliasName, line(commands, names));
  return {
    ...mapWith(new Set()),
    kinds: {
      map(node, name, to) {
        for (const { key, at } of node.entries) if (commands.has(key)) to.wrong(at, fileProblem.aliasIsCommand(key));
        const names = new Set(node.entries.map(({ key }) => key).filter((key) => !commands.has(key)));
        return mapWith(names).kinds.map?.(node, name, to);
      },
    },
  };
}

const line = (commands: ReadonlySet<string>, names: ReadonlySet<string>): Shape<readonly string[]> =>
  mapped(verbatim(command), (text, node, name, to) => {
    const words = lexWords(text);
    if (!words) return complain(node, name, fileProblem.aliasNeedsShell(), to);
    const [first = ""] = words;
    if (commands.has(first)) return words;
    return complain(node, name, problemOf(first, commands, names), to);
  });

function problemOf(first: string, commands: ReadonlySet<string>, names: ReadonlySet<string>): string {
  if (names.has(first)) return fileProblem.aliasOfAlias();
  return first === "oneoff" ? fileProblem.aliasOfOneoff() : fileProblem.aliasNoCommand(didYouMean(first, commands));
}
