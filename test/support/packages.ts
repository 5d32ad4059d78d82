import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./process.ts";

/** Daemons live in the sbin folders, which are not on everybody's PATH. */
export const PATH = [process.env.PATH ?? "", "/usr/local/sbin", "/usr/sbin", "/sbin"].join(delimiter);

/** The command, and the Debian package it comes with. */
const packages = {
  dockerd: "docker.io",
  tini: "tini",
  iptables: "iptables",
  ip: "iproute2",
  busybox: "busybox-static",
  "bash-static": "bash-static",
  debootstrap: "debootstrap",
  openssl: "openssl",
  ssh: "openssh-client",
  sshd: "openssh-server",
  // Where it does not come with docker.io.
  docker: "docker-cli",
  "docker-registry": "docker-registry",
  zsh: "zsh",
  fish: "fish",
  cron: "cron",
  crontab: "cron",
  "systemd-analyze": "systemd",
  unshare: "util-linux",
  groff: "groff-base",
  mandoc: "mandoc",
};

export type Tool = keyof typeof packages;

const executable = (file: string) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export const which = (tool: string): string | undefined =>
  PATH.split(delimiter)
    .map((folder) => join(folder, tool))
    .find(executable);

/** A busybox that asks for a dynamic loader is of no use in an image that holds nothing else. */
const usable = (tool: Tool) => {
  const file = which(tool);
  return file !== undefined && (tool !== "busybox" || !readFileSync(file).subarray(0, 4096).includes("/ld-"));
};

/** Makes sure that these commands are there: a fresh Debian has none of them. */
export const install = async (...tools: Tool[]): Promise<void> => {
  const missing = tools.filter((tool) => !usable(tool)).map((tool) => packages[tool]);
  if (missing.length === 0) return;
  const needed = `The tests need a Docker Engine of their own, and for it the Debian packages ${missing.join(", ")}`;
  const instead = "Install them, or name an engine to test against: ONEOFF_TEST_HOST=unix:///path/to/docker.sock";
  if (process.getuid?.() !== 0) throw new Error(`${needed}; only root can install them. ${instead}`);
  if (!which("apt-get")) throw new Error(`${needed}; there is no apt-get here. ${instead}`);

  const env = { PATH, DEBIAN_FRONTEND: "noninteractive" };
  const apt = async (...args: string[]) => {
    // Somebody else may be installing, too: wait for them rather than fail.
    const { code, stderr } = await run(["apt-get", "-o", "DPkg::Lock::Timeout=300", ...args], { env });
    if (code !== 0) throw new Error(`${needed}; apt-get ${args[0]} failed. ${instead}\n${stderr}`);
  };
  await apt("update");
  await apt("install", "-y", "--no-install-recommends", ...missing);
};
