import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestOptions } from "vitest";
import { debianMirror, ROOTS } from "./debian-root.ts";
import { PATH } from "./packages.ts";
import { type ProcessOptions, type ProcessResult, run } from "./process.ts";

/** Debian 12 has the first generation of Compose only, which is another program. */
const SUITE = "forky";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where the package has put it: it is a plugin of docker's client, and a program of its own. */
const PROGRAMS = ["usr/libexec/docker/cli-plugins/docker-compose", "usr/bin/docker-compose"];

const succeed = async (argv: readonly string[], cwd: string) => {
  const { code, stderr } = await run(argv, { cwd, env: { PATH, LC_ALL: "C" } });
  if (code !== 0) throw new Error(`${argv[0]} failed: ${stderr.toString().trim().split("\n").at(-1)}`);
};

/** Downloads and unpacks the one package, with lists of packages of its own: the machine's know nothing of other suites. */
const download = async (folder: string) => {
  const list = `deb [signed-by=${KEYRING}] ${await debianMirror()} ${SUITE} main\n`;
  await writeFile(join(folder, "sources.list"), list);
  for (const name of ["lists/partial", "cache/archives/partial"]) await mkdir(join(folder, name), { recursive: true });
  const apt = [
    "apt-get",
    ...["-o", `Dir::Etc::sourcelist=${folder}/sources.list`, "-o", "Dir::Etc::sourceparts=/dev/null"],
    ...["-o", `Dir::State::lists=${folder}/lists`, "-o", `Dir::Cache=${folder}/cache`],
    // Nobody but root may look into the folder.
    ...["-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"],
  ];
  await succeed([...apt, "update", "--error-on=any"], folder);
  await succeed([...apt, "download", "docker-compose"], folder);
  const [archive = ""] = (await readdir(folder)).filter((name) => name.endsWith(".deb"));
  await succeed(["dpkg-deb", "--extract", archive, "unpacked"], folder);
};

/** Makes sure that there is a Compose of the second generation. @returns its file. */
const program = async (): Promise<string> => {
  const kept = `${ROOTS}/${SUITE}-docker-compose`;
  if (!existsSync(kept)) {
    await mkdir(ROOTS, { recursive: true });
    const folder = await mkdtemp(`${ROOTS}/compose-`);
    try {
      await download(folder);
      // Somebody else may have been faster.
      await rename(join(folder, "unpacked"), kept).catch(() => {});
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const found = PROGRAMS.map((name) => join(kept, name)).find((file) => existsSync(file));
  if (!found) throw new Error(`${kept} has no docker-compose in it`);
  return found;
};

/** Docker Compose itself, the judge of what oneoff does as well. */
export interface Compose {
  /** Options of tests that need it: where it cannot be had they are skipped, and the reason is kept. */
  readonly needed: TestOptions;
  /** Undefined if Compose is not available. */
  readonly program: string | undefined;
  /** `docker compose` with these words. */
  run(words: readonly string[], options?: ProcessOptions): Promise<ProcessResult>;
}

export const realCompose = async (): Promise<Compose> => {
  try {
    const file = await program();
    return {
      needed: {},
      program: file,
      run: (words, options) => run([file, ...words], { timeout: 60_000, ...options }),
    };
  } catch (error) {
    const lacks = `Docker Compose is not available: ${(error as Error).message}`;
    return { needed: { skip: true, meta: { lacks } }, program: undefined, run: () => Promise.reject(new Error(lacks)) };
  }
};
