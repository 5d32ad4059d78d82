import type { EngineKind } from "./engine-kind.ts";
import { AS_SOMEBODY, FOR_SOMEBODY } from "./rootless.ts";

/**
 * Starts an engine in its own root with an overlay. Devices, cgroups and /tmp, which has the folders of the tests, are
 * mounted from the host. With both cgroup v1 and v2 mounted, crun fails.
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
 * Hides daemon.json and the sockets of an engine on the host. Data is on a tmpfs, because the engine syncs the disk for
 * each container.
 */
const EMPTY_FOLDERS = `
mkdir "$0/data" && mount -t tmpfs tmpfs "$0/data"
for folder in /etc/docker /run/docker /run/containerd; do mkdir -p $folder && mount -t tmpfs tmpfs $folder; done`;

// slave: a mount that the host unmounts would otherwise stay busy in the namespace.
const UNSHARE_OPTIONS = [
  "--net",
  "--uts",
  "--mount",
  "--propagation",
  "slave",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
];

/**
 * Runs a shell script in the namespaces of an engine. `$0` is the folder of the engine, the arguments are a command run by
 * the user of the engine. ROOT is the lower folder of the overlay, NODE_NAME a host name of its own.
 */
export const inPlace = (kind: EngineKind, script: string, dir: string, command: readonly string[]): string[] => {
  const naming = '[ -z "$NODE_NAME" ] || echo "$NODE_NAME" >/proc/sys/kernel/hostname';
  const preparation = [
    "ip link set lo up",
    naming,
    kind.suite ? OWN_ROOT : EMPTY_FOLDERS,
    kind.rootless ? FOR_SOMEBODY : "",
  ];
  const args = kind.rootless ? [...AS_SOMEBODY, ...command] : command;
  return [
    "unshare",
    ...UNSHARE_OPTIONS,
    "tini",
    "--",
    "sh",
    "-c",
    `${preparation.join("\n")}\n${script}`,
    dir,
    ...args,
  ];
};
