import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { debianRoot } from "../support/debian-root.ts";
import type { EngineKind } from "../support/engine-kind.ts";
import { inPlace } from "../support/engine-place.ts";
import { install, PATH } from "../support/packages.ts";
import { run } from "../support/process.ts";
import { ALLOWANCES } from "../support/rootless.ts";

/** What the engine needs and this machine does not permit, tried where it would run; undefined for nothing. */
export async function refusal(kind: EngineKind): Promise<string | undefined> {
  if (!kind.rootless) return undefined;
  await install("tini", "ip");
  const ROOT = kind.suite && (await debianRoot(kind.suite));
  for (const [what, argv] of Object.entries(ALLOWANCES)) {
    const dir = await mkdtemp("/tmp/oneoff-p-");
    await mkdir(`${dir}/files`);
    const { code, stderr } = await run(inPlace(kind, '"$@"', dir, argv), { env: { PATH, ROOT } });
    await rm(dir, { recursive: true });
    if (code !== 0) return `the kernel refuses ${what} (${stderr.toString().trim().split("\n").at(-1)})`;
  }
  return undefined;
}
