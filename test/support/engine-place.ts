import type { EngineKind } from "./engine-kind.ts";
import { AS_SOMEBODY, FOR_SOMEBODY } from "./rootless.ts";

/**
 * Where an engine has a root of its own: a layer over it takes what is written, and from the machine there are its devices,
 * its control groups and its /tmp, where the tests' folders are. Of control groups of both kinds crun takes one only.
 */
const OWN_ROOT = `
mkdir "$0/over" "$0/root" && mount -t tmpfs tmpfs "$0/over" && mkdir "$0/over/upper" "$0/over/work"
mount -t overlay -o "lowerdir=$ROOT,upperdir=$0/over/upper,workdir=$0/over/work" overlay "$0/root"
cd "$0/root"
for folder in sys dev; do mount --rbind /$folder $folder; done
umount sys/fs/cgroup/unified 2>/dev/null
mount -t proc proc proc && mount -t tmpfs tmpfs run && mount --bind /tmp tmp
(cd "$0/files" && tar -c .) | tar -x
mkdir old && pivot_root . old && cd / && umount -l /old`;

/**
 * They keep an engine that the machine may have out of it: no daemon.json read, no shim sockets shared. Its data are in
 * memory: a disk is synchronized for every container.
 */
const EMPTY_FOLDERS = `
mkdir "$0/data" && mount -t tmpfs tmpfs "$0/data"
for folder in /etc/docker /run/docker /run/containerd; do mkdir -p $folder && mount -t tmpfs tmpfs $folder; done`;

// slave: what the machine unmounts must not stay mounted, and thus busy, in here.
const UNSHARE_OPTIONS = [
  "--net",
  "--mount",
  "--propagation",
  "slave",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
];

/**
 * A shell script as it is run in a place of an engine's own, where nothing else runs: its `$0` is the engine's folder, its
 * words are a command as the engine's own user runs it. The folder of its root's layer is in ROOT.
 */
export const inPlace = (kind: EngineKind, script: string, dir: string, command: readonly string[]): string[] => {
  const preparation = ["ip link set lo up", kind.suite ? OWN_ROOT : EMPTY_FOLDERS, kind.rootless ? FOR_SOMEBODY : ""];
  const words = kind.rootless ? [...AS_SOMEBODY, ...command] : command;
  return [
    "unshare",
    ...UNSHARE_OPTIONS,
    "tini",
    "--",
    "sh",
    "-c",
    `${preparation.join("\n")}\n${script}`,
    dir,
    ...words,
  ];
};
