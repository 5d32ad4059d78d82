import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianMirror, ROOTS } from "./debian-root.ts";
import { PATH } from "./packages.ts";
import { run } from "./process.ts";

/** Newer than the machine's: Debian 12 has the first generation of Compose only, and a docker client of 2020. */
const SUITE = "forky";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

const succeed = async (argv: readonly string[], cwd: string) => {
  const { code, stderr } = await run(argv, { cwd, env: { PATH, LC_ALL: "C" } });
  if (code !== 0) throw new Error(`${argv[0]} failed: ${stderr.toString().trim().split("\n").at(-1)}`);
};

/** Downloads and unpacks the one package, with lists of packages of its own: the machine's know nothing of other suites. */
const download = async (name: string, folder: string) => {
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
  await succeed([...apt, "download", name], folder);
  const [archive = ""] = (await readdir(folder)).filter((name) => name.endsWith(".deb"));
  await succeed(["dpkg-deb", "--extract", archive, "unpacked"], folder);
};

/**
 * Makes sure that there is a package of a newer Debian, which needs no other one.
 * @param programs where it may have put the program. @returns the program's file.
 */
export const debianProgram = async (name: string, ...programs: readonly string[]): Promise<string> => {
  const kept = `${ROOTS}/${SUITE}-${name}`;
  if (!existsSync(kept)) {
    await mkdir(ROOTS, { recursive: true });
    const folder = await mkdtemp(`${ROOTS}/package-`);
    try {
      await download(name, folder);
      // Somebody else may have been faster.
      await rename(join(folder, "unpacked"), kept).catch(() => {});
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const found = programs.map((program) => join(kept, program)).find((file) => existsSync(file));
  if (!found) throw new Error(`${kept} has no ${name} in it`);
  return found;
};
