import { toOneoff } from "../aliases/to-oneoff.ts";
import { SYSTEMS } from "./coming-from-systems.ts";
import type { Row, System } from "./coming-from-types.ts";
import type { Topic } from "./topic.ts";

type Commands = Parameters<Topic["text"]>[0];

const rowOf = ([theirs, different, ours]: Row, commands: Commands) =>
  `${theirs} :: ${ours ?? toOneoff(theirs, commands)}${different ? ` (${different})` : ""}`;

const partOf = ({ name, intro, rows }: System): Topic => ({
  about: `Commands of ${name} and their equivalents`,
  text: (commands) => `\
${intro}

After \`oneoff\`, many of these commands work as they are. For other commands, oneoff prints the command to use.

${rows.map((row) => rowOf(row, commands)).join("\n")}
`,
});

const parts = new Map(Object.entries(SYSTEMS).map(([name, system]): [string, Topic] => [name, partOf(system)]));

export const comingFrom: Topic = {
  about: `Equivalents of ${[...parts.keys()].join(", ")}`,
  text: () => `\
oneoff accepts commands and options of other tools where it has an equivalent. Otherwise, it prints the command to use.

${Array.from(parts, ([name, { about }]) => `oneoff help coming-from ${name} :: ${about}`).join("\n")}
`,
  parts,
};
