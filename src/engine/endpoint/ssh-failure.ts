import { type Reason, reach, unreachableEngine } from "../../errors/connection.ts";
import { placeOf, type SshAddress } from "./endpoint.ts";

/** Messages of ssh and their causes. The first match is used. */
const SAYINGS: readonly [pattern: RegExp, (address: SshAddress, ssh: string) => Reason][] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, ({ sshHost, port }) => reach.sshKeyChanged(knownAs(sshHost, port))],
  [/Host key verification failed|No \S+ host key is known/, (_, ssh) => reach.sshKeyUnknown(ssh)],
  [/Permission denied \(([^)]*)\)|Too many authentication failures/, (_, ssh) => reach.sshDenied(ssh)],
  [/Could not resolve hostname/, () => reach.unknownHost()],
  [/Connection refused/, () => reach.sshRefused()],
  [/Connection timed out|Operation timed out/i, () => reach.timedOut()],
  [/No route to host|Network is unreachable/, () => reach.noRoute()],
];

/**
 * Why an ssh connection has ended.
 * @param code the exit code of ssh: 255 is an error of ssh, other codes are of the remote command; or the error if ssh
 * could not start. @param stderr the output of ssh on stderr.
 */
export function sshFailure(address: SshAddress, code: number | string | null | undefined, stderr: string) {
  const { sshHost, user, port } = address;
  const ssh = [
    "ssh",
    ...(port === undefined ? [] : ["-p", port]),
    user === undefined ? sshHost : `${user}@${sshHost}`,
  ].join(" ");
  const last = stderr.trim().split("\n").at(-1)?.trim() ?? "";
  const because = () => {
    if (code === "ENOENT") return reach.noSsh();
    if (code === 255) {
      const [, meaning] = SAYINGS.find(([pattern]) => pattern.test(stderr)) ?? [];
      return meaning?.(address, ssh) ?? reach.sshSays(last, ssh);
    }
    if (code === 127 || /docker: (command )?not found/.test(stderr)) return reach.noRemoteDocker(sshHost);
    return reach.remoteDockerSays(last || `exit code ${code}`, `${ssh} docker version`);
  };
  return unreachableEngine(placeOf(address), because(), new Error(stderr));
}

/** The notation of known_hosts. */
const knownAs = (host: string, port: number | undefined) => (port === undefined ? host : `'[${host}]:${port}'`);
