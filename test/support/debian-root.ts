import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { install, PATH } from "./packages.ts";
import { run } from "./process.ts";

/** A release of Debian, for the sake of the engines that it has. */
export type Suite = "bookworm" | "trixie" | "forky";

/** Kept from one run to the next, and by `git clean`: half an hour of downloads. Nothing in there is ever written to again. */
export const ROOTS = process.env.ONEOFF_TEST_ROOTS ?? "/var/cache/oneoff-test-roots";

const PACKAGES = [
  ...["docker.io", "containerd", "runc", "iptables", "iproute2", "procps"],
  ...["podman", "crun", "catatonit", "netavark", "aardvark-dns", "nftables"],
  ...["rootlesskit", "slirp4netns", "passt", "uidmap", "fuse-overlayfs", "xz-utils"],
];

/** A debootstrap that is older than the suite has no script of its name: what comes after stable is like `sid`. */
const SCRIPTS: Readonly<Partial<Record<Suite, string>>> = { trixie: "sid", forky: "sid" };

/** Where this machine has its own packages from, unless another is named. */
export const debianMirror = async (): Promise<string> => {
  if (process.env.ONEOFF_TEST_MIRROR) return process.env.ONEOFF_TEST_MIRROR;
  const { stdout } = await run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], { env: { PATH } });
  const found = stdout.toString().match(/^\S+\/debian\/?$/m);
  if (!found) throw new Error("No Debian mirror is known here: name one by ONEOFF_TEST_MIRROR");
  return found[0];
};

const debootstrap = async (suite: Suite, folder: string) => {
  await install("debootstrap");
  const from = await debianMirror();
  const packages = `--include=${PACKAGES.join(",")}`;
  const argv = ["debootstrap", "--variant=minbase", packages, suite, folder, from, SCRIPTS[suite] ?? suite];
  const { code, stdout } = await run(argv, { env: { PATH } });
  if (code === 0) return;
  throw new Error(`debootstrap of ${suite} failed:\n${stdout.toString().split("\n").slice(-15).join("\n")}`);
};

/** Makes sure that there is a Debian with its engines in it. @returns its folder. */
export const debianRoot = async (suite: Suite): Promise<string> => {
  const root = `${ROOTS}/${suite}`;
  if (existsSync(root)) return root;
  await mkdir(ROOTS, { recursive: true });
  // Under another name until it is whole: a run that is killed leaves nothing that looks like a root.
  const part = `${root}.part.${process.pid}`;
  await debootstrap(suite, part);
  await rm(`${part}/var/cache/apt/archives`, { recursive: true, force: true });
  // Somebody else may have been faster.
  await rename(part, root).catch(() => rm(part, { recursive: true, force: true }));
  return root;
};
