import { quoted } from "../../errors.ts";
import { written } from "../manifest/manifest-example.ts";
import { appKeys } from "../manifest/manifest-keys.ts";
import type { Draft } from "./init-draft.ts";
import { commentedOut, indented, type Settings, yamlOf } from "./init-yaml.ts";

interface Named extends Draft {
  readonly name: string;
}

const HEAD = `# oneoff.yaml: the apps that oneoff knows here and in the folders below, written by "oneoff init".
# Everything it can say: oneoff help config
`;

/** @param others those that are only comments. @param unsayable the names of those that are not even that. */
export const manifestText = (apps: readonly Named[], others: readonly Named[], unsayable: readonly string[]): string =>
  [
    HEAD + remarks(apps, unsayable),
    `apps:\n${apps.map((app) => indented(entry(app), 2)).join("\n")}`,
    ...(others.length > 0 ? [`${OTHERS}${others.map((app) => indented(commentedOut(yaml(app)), 2)).join("")}`] : []),
  ].join("\n");

const OTHERS = "  # These run on the engine too. Uncomment one to have it as an app here.\n";

/** Where nothing was found. */
export function exampleText(name: string, hasProcfile: boolean, unsayable: readonly string[]): string {
  const { image, env, procfile } = appKeys;
  const keys = [
    `# ${image.about}\n${written("image", image.examples[0])}\n`,
    `# ${env.about}\n${written("env", env.examples[0])}\n`,
    `# ${procfile.about}\n${written("procfile", hasProcfile ? "./Procfile" : procfile.examples[0])}\n`,
  ];
  const example = `apps:\n  ${name}:\n${indented(keys.join("\n"), 4)}`;
  return `${HEAD}${remarks([], unsayable)}\n# Nothing was found to fill it with. An example:\n\n${commentedOut(example)}`;
}

function entry(app: Named): string {
  const rest =
    app.leftOut.length > 0 ? `  # Left out, as oneoff.yaml has no words for it: ${app.leftOut.join(", ")}\n` : "";
  return `# ${app.about}\n${yamlOf(new Map([[app.name, app.settings]]))}${rest}`;
}

/** With the comment on the line of the name, to be one comment with it. */
const yaml = ({ name, about, settings }: Named) =>
  yamlOf(new Map([[name, settings]])).replace("\n", () => ` # ${about}\n`);

/** What is to be known of the whole. */
function remarks(apps: readonly Named[], unsayable: readonly string[]): string {
  const lines = [
    apps.some(({ settings }) => hasVariables(settings)) &&
      "Variables such as $NAME have the values of your environment; a .env file, which Compose reads, is not read.",
    unsayable.length > 0 &&
      `Left out, as oneoff.yaml has no words for where they come from: ${unsayable.map(quoted).join(", ")}`,
  ];
  return lines.map((line) => (line ? `# ${line}\n` : "")).join("");
}

/** Whether there is a "$" in it that is not itself written as "$$"; an entrypoint's is the container's. */
function hasVariables(settings: Settings): boolean {
  const filled = new Map([...settings].filter(([key]) => key !== "entrypoint"));
  return yamlOf(filled).replaceAll("$$", "").includes("$");
}
