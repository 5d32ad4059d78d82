import type { Compose } from "./compose.ts";
import { folder } from "./folder.ts";
import type { Env } from "./process.ts";

/** What Compose makes of an env file: its variables, or nothing where it refuses it. */
export type Judgement = Readonly<Record<string, string>> | "refused";

/** What Compose makes of each of these texts as a service's `env_file`. */
export async function judgeEnvFiles(compose: Compose, texts: readonly string[], env: Env): Promise<Judgement[]> {
  const files = Object.fromEntries(texts.map((text, index) => [`${index}.env`, text]));
  await using place = await folder(files);
  const judgements: Judgement[] = texts.map(() => "refused");
  let left = texts.map((_, index) => index);
  // It names the first file that it refuses, and says nothing of the others.
  while (left.length > 0) {
    const services = Object.fromEntries(left.map((index) => [`s${index}`, { image: "x", env_file: `${index}.env` }]));
    const words = ["--file", "-", "--project-directory", place.path, "--project-name", "judge", "config"];
    const stdin = JSON.stringify({ services });
    const { code, stdout, stderr } = await compose.run([...words, "--format", "json"], { cwd: place.path, env, stdin });
    if (code === 0) {
      const found = JSON.parse(stdout.toString()).services;
      for (const index of left) judgements[index] = plain(found[`s${index}`].environment ?? {});
      break;
    }
    const [, refused] = /\/(\d+)\.env/.exec(stderr.toString()) ?? [];
    if (refused === undefined) throw new Error(stderr.toString());
    left = left.filter((index) => index !== Number(refused));
  }
  return judgements;
}

/** It writes a dollar as it would have to stand in a Compose file. */
const plain = (variables: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replaceAll("$$", "$")]));
