import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Creates a folder with files until it is disposed of. It is world-readable, because a container may have any user. */
export const folder = async (files: Record<string, string | Buffer> = {}) => {
  const path = await mkdtemp("/tmp/oneoff-f-");
  await chmod(path, 0o755);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
};
