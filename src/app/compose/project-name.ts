import { posix } from "node:path";
import { badComposeSetting, composeProblem } from "../../errors/compose.ts";
import type { Discovery } from "./discovery.ts";
import { interpolate } from "./interpolation.ts";
import type { Loading } from "./loading.ts";
import { wrongIn } from "./model.ts";
import type { ComposeChoice } from "./project.ts";
import { isMap } from "./value.ts";

/** Removes characters that Compose does not allow. */
const normalized = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");

/** The name of the project: the user's, else the environment's, else the last `name` of a file, else the folder's. */
export function projectName(choice: ComposeChoice, discovery: Discovery, loading: Loading): string {
  const { environment, folder, files } = discovery;
  for (const [source, name] of [
    ["project name", choice.projectName],
    ["COMPOSE_PROJECT_NAME", environment.COMPOSE_PROJECT_NAME],
  ] as const) {
    if (name && normalized(name) !== name) throw badComposeSetting(source, name, EXPECTED);
    if (name) return name;
  }
  const documents = files.flatMap((file) => loading.read(file));
  const named = documents.findLast(({ value }) => isMap(value) && typeof value.name === "string" && value.name !== "");
  if (!named) return normalized(posix.basename(folder)) || wrongIn(documents)([], composeProblem.projectName());
  const wrong = wrongIn([named]);
  const text = isMap(named.value) ? (named.value.name ?? "") : "";
  const name = interpolate(text, ["name"], { variables: environment, room: loading.room, unset() {}, wrong });
  return (typeof name === "string" && normalized(name)) || wrong(["name"], composeProblem.projectName());
}

const EXPECTED = "lower-case letters, digits, _ and -, beginning with a letter or a digit";
