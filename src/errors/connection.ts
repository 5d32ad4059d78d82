import { escapeControls } from "../text/escape.ts";
import { plain, quoted } from "../text/quoted.ts";
import { HOW_TO_SET_ENGINE, OneoffError } from "./error.ts";

export type Reason = readonly [why: string, next?: string | undefined];

/** Why an engine cannot be reached, and the command to run next. */
export const reach = {
  noSocket: () => ["no such socket", `start the engine, or set its address: ${HOW_TO_SET_ENGINE}`],
  noSocketButFile: () => ["not a socket", `set the address of the engine: ${HOW_TO_SET_ENGINE}`],
  nobodyListens: () => ["connection refused", "sudo systemctl start docker"],
  crowded: () => ["it accepts no more connections", "sudo systemctl restart docker"],
  /** @param group that may use the socket, if any. */
  denied: (group: string | undefined) =>
    group === undefined
      ? ["permission denied", "run oneoff as root: sudo oneoff …"]
      : [
          `permission denied: only the group ${quoted(group)} may use the socket`,
          `sudo usermod -aG ${plain(group)} $USER, then log in again`,
        ],
  portRefused: () => ["connection refused", "start the engine, or fix the port"],
  unknownHost: () => ["no such host", "fix the name of the host"],
  stalled: () => [
    "it stopped in the middle of an answer",
    "try again, or restart the engine: sudo systemctl restart docker",
  ],
  silent: () => ["it accepts connections but does not respond", "sudo systemctl restart docker"],
  /** @param line the first of its answer. */
  noHttp: (line: string) => [`this is not a Docker Engine: it answered ${quoted(line)}`, "fix the address"],
  closed: () => ["it closed the connection"],
  closedTls: () => ["it closed the connection", "check that cert.pem is a certificate that it accepts"],
  closedPort: () => ["it closed the connection", "if it uses TLS, set DOCKER_TLS_VERIFY=1"],
  timedOut: () => ["connection timed out", "check that the host is up and that no firewall blocks the port"],
  noRoute: () => ["no route to host", "check that the network is up"],
  plainThere: (place: string) => [
    "it does not use TLS",
    `fix the port; or, only in a trusted network, without TLS: unset DOCKER_TLS_VERIFY, then --host tcp://${place}`,
  ],
  tlsThere: () => [
    "it requires TLS",
    "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem",
  ],
  /** @param ca the file of trusted certificate authorities, if set. */
  untrusted: (ca: string | undefined) => [
    "its certificate is signed by an unknown authority",
    ca === undefined ? "put its ca.pem into DOCKER_CERT_PATH" : `check that ${plain(ca)} belongs to this engine`,
  ],
  wrongName: (host: string, names: string) => [
    `its certificate is valid for ${plain(names)}, not for ${quoted(host)}`,
    "use a name of the certificate, or issue another certificate",
  ],
  expired: () => ["its certificate has expired", "issue a new certificate for the engine"],
  notYetValid: () => ["its certificate is not valid yet", "check the clocks of both machines"],
  certificateWanted: () => ["it requires a client certificate", "put cert.pem and key.pem into DOCKER_CERT_PATH"],
  certificateRefused: (cert: string) => [
    `it refuses the client certificate ${plain(cert)}`,
    "check that the certificate has not expired and is signed by an authority of the engine",
  ],
  noSsh: () => ["ssh is not installed", "sudo apt-get install openssh-client"],
  sshRefused: () => ["ssh: connection refused", "check that sshd is running, and the port"],
  /** @param ssh the command that reaches the same host. */
  sshKeyUnknown: (ssh: string) => ["its host key is unknown", `connect once and check the host key: ${ssh}`],
  sshKeyChanged: (host: string) => [
    "its host key has changed: the host was reinstalled, or the connection is intercepted",
    `only if the host was reinstalled: ssh-keygen -R ${host}`,
  ],
  sshDenied: (ssh: string) => [
    "ssh: permission denied (oneoff cannot enter a password)",
    `ssh-add, or ssh-copy-id${ssh.slice("ssh".length)}, then: ${ssh}`,
  ],
  sshSays: (line: string, ssh: string) => [`ssh failed: ${escapeControls(line) || "no error message"}`, ssh],
  noRemoteDocker: (host: string) => [
    `no docker command on ${plain(host)} in the PATH of a non-login shell`,
    "install the docker client on that host",
  ],
  remoteDockerSays: (line: string, command: string) => [`docker on that host failed: ${escapeControls(line)}`, command],
} satisfies Record<string, (...facts: never[]) => Reason>;

/** The connection failed or broke. */
export const unreachableEngine = (place: string, [why, next]: Reason, cause: unknown) =>
  new OneoffError("engine-unreachable", `Cannot reach the engine at ${plain(place)}: ${why}`, { next, cause });
