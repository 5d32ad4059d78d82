import { readFileSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { loadComposeProject } from "../../src/app/compose/load-project.ts";
import type { ComposeChoice, ComposeFiles, ComposeProject } from "../../src/app/compose/project.ts";
import type { Compose } from "./compose.ts";
import { folder } from "./folder.ts";
import { PATH } from "./packages.ts";

/** What `docker compose config` prints, with `$$` as `$`, or that it fails. */
export type Answer = ComposeProject | "refused";

/** A small project that uses one rule of Compose, and the answer of Compose 2.40.3. */
export interface ConfigCase extends ComposeChoice {
  readonly name: string;
  /** By path; a text stands for `compose.yaml`. */
  readonly files: Readonly<Record<string, string>> | string;
  readonly env?: Readonly<Record<string, string>>;
  /** The working folder, relative to the project. */
  readonly cwd?: string;
  readonly answer?: Answer;
}

const FIXTURE = fileURLToPath(new URL("../fixtures/compose-config.json", import.meta.url));

export const recordedCases = (): ConfigCase[] => JSON.parse(readFileSync(FIXTURE, "utf8"));

/** One case a line. */
export const recordCases = (cases: readonly ConfigCase[]) =>
  writeFileSync(FIXTURE, `[\n${cases.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`);

const BASE = "/srv";
const ROOT = `${BASE}/project`;

const environment = ({ env = {} }: ConfigCase) => ({ PATH, HOME: "/home/me", ...env });

const filesOf = ({ files }: ConfigCase) => (typeof files === "string" ? { "compose.yaml": files } : files);

/** Files by their absolute path. */
export function virtualFiles(
  texts: Readonly<Record<string, string>>,
  cwd: string,
  env: Readonly<Record<string, string>>,
): ComposeFiles {
  const contents = new Map(Object.entries(texts));
  return {
    cwd,
    env,
    exists: (path) => contents.has(path) || [...contents.keys()].some((file) => file.startsWith(`${path}/`)),
    readFile(path) {
      const text = contents.get(path);
      if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
      return Buffer.from(text);
    },
    distrust: () => undefined,
  };
}

/** The loader's answer, or its error. */
export function ours(one: ConfigCase): Answer | Error {
  const texts = Object.entries(filesOf(one)).map(([path, text]) => [posix.join(ROOT, path), text] as const);
  const files = virtualFiles(Object.fromEntries(texts), posix.join(ROOT, one.cwd ?? "."), environment(one));
  try {
    return JSON.parse(JSON.stringify(loadComposeProject(one, files)?.project ?? "refused"));
  } catch (error) {
    return error as Error;
  }
}

/** The answer of Compose itself, as if the project were in `/srv/project`. */
export async function judge(compose: Compose, one: ConfigCase): Promise<Answer> {
  // The project is named after its folder.
  const files = Object.fromEntries(Object.entries(filesOf(one)).map(([path, text]) => [`project/${path}`, text]));
  await using place = await folder(files);
  const { profiles = [], projectName, services = [] } = one;
  const options = [
    ...profiles.map((profile) => `--profile=${profile}`),
    ...(projectName === undefined ? [] : [`--project-name=${projectName}`]),
  ];
  const { code, stdout } = await compose.run([...options, "config", "--format", "json", ...services], {
    cwd: posix.join(place.path, "project", one.cwd ?? "."),
    env: environment(one),
  });
  if (code !== 0) return "refused";
  return JSON.parse(stdout.toString().replaceAll("$$", "$").replaceAll(place.path, BASE));
}
