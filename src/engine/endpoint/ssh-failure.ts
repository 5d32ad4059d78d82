import { type Reason, reach, unreachableEngine } from "../../errors/reach.ts";
import { placeOf, type SshAddress } from "./endpoint.ts";

/** What ssh says, and what it means. The first that fits counts. */
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
 * Why a connection by ssh has ended.
 * @param code that of ssh: 255 is a failure of its own, others are those of the command on the other side; or why ssh
 * could not be started. @param said all it has written to stderr.
 */
export function sshFailure(address: SshAddress, code: number | string | null | undefined, said: string) {
  const { sshHost, user, port } = address;
  const ssh = [
    "ssh",
    ...(port === undefined ? [] : ["-p", port]),
    user === undefined ? sshHost : `${user}@${sshHost}`,
  ].join(" ");
  const last = said.trim().split("\n").at(-1)?.trim() ?? "";
  const because = () => {
    if (code === "ENOENT") return reach.noSsh();
    if (code === 255) {
      const [, meaning] = SAYINGS.find(([pattern]) => pattern.test(said)) ?? [];
      return meaning?.(address, ssh) ?? reach.sshSays(last, ssh);
    }
    if (code === 127 || /docker: (command )?not found/.test(said)) return reach.noRemoteDocker(sshHost);
    return reach.remoteDockerSays(last || `it has ended with code ${code}`, `${ssh} docker version`);
  };
  return unreachableEngine(placeOf(address), because(), new Error(said));
}

/** As known_hosts has it. */
const knownAs = (host: string, port: number | undefined) => (port === undefined ? host : `'[${host}]:${port}'`);
