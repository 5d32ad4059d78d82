/** Who runs the engines that root does not: a number that nobody on the machine is likely to have. */
const [NAME, ID] = ["somebody", 42_000];

/**
 * What such a user finds on a machine of their own: ids in /etc/subuid (of useradd), a folder for sockets, and the device of
 * networks, which is everybody's there; the machine's own stays as it is.
 */
export const FOR_SOMEBODY = `
useradd --uid ${ID} --create-home ${NAME}
mkdir -p /run/user/${ID} && chown ${ID}:${ID} /run/user/${ID} "$0"
mknod -m 666 /run/tun c 10 200 && mount --bind /run/tun /dev/net/tun`;

/** A command of theirs, with nothing of the environment that root has. */
export const AS_SOMEBODY: readonly string[] = [
  ...["setpriv", `--reuid=${ID}`, `--regid=${ID}`, "--clear-groups", "env", "--ignore-environment"],
  ...[`HOME=/home/${NAME}`, `XDG_RUNTIME_DIR=/run/user/${ID}`, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
];

/** What they must be allowed, before any engine can be started: what it is, and a command that does it. */
export const ALLOWANCES: Readonly<Record<string, readonly string[]>> = {
  "a user namespace to a user other than root": ["unshare", "--user", "true"],
  "the ids of /etc/subuid": ["unshare", "--user", "--map-auto", "true"],
  "a network device": ["unshare", "--user", "--map-root-user", "--net", "ip", "tuntap", "add", "tap0", "mode", "tap"],
};
