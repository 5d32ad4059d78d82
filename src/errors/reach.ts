import { escapeControls } from "../text/escape.ts";
import { plain, quoted } from "../text/quoted.ts";
import { HOW_TO_POINT, OneoffError } from "./error.ts";

export type Reason = readonly [why: string, next?: string | undefined];

/** Why an engine cannot be reached, and what to type next. */
export const reach = {
  noSocket: () => ["there is no such socket", `start the engine, or say where it listens: ${HOW_TO_POINT}`],
  noSocketButFile: () => ["it is not a socket", `say where the engine listens: ${HOW_TO_POINT}`],
  nobodyListens: () => ["nothing answers there", "start the engine (sudo systemctl start docker)"],
  crowded: () => ["it accepts no more connections", "start the engine anew (sudo systemctl restart docker)"],
  /** @param group whom the socket is for, if it is for any. */
  denied: (group: string | undefined) =>
    group === undefined
      ? ["permission denied", "become root (sudo oneoff …), or find who may use the socket"]
      : [
          `permission denied: it is for the group ${quoted(group)}`,
          `add yourself to it (sudo usermod -aG ${plain(group)} $USER), then log in anew`,
        ],
  portRefused: () => ["nothing listens there", "start the engine, or mend the port"],
  unknownHost: () => ["there is no host of that name", "mend the name"],
  stalled: () => ["it stopped in the middle of an answer", "try again; if it stops again, restart the engine"],
  silent: () => ["it takes connections and does not answer", "start the engine anew (sudo systemctl restart docker)"],
  /** @param line the first it has said. */
  noHttp: (line: string) => [`what answers is no Docker Engine: ${quoted(line)}`, "mend the address"],
  closed: () => ["it has closed the connection"],
  closedTls: () => ["it has closed the connection", "see whether it wants another certificate of ours than cert.pem"],
  closedPort: () => ["it has closed the connection", "see whether it speaks TLS, which takes DOCKER_TLS_VERIFY=1"],
  timedOut: () => ["it does not answer", "see whether the host is up, and no firewall in between"],
  noRoute: () => ["there is no way to that host", "see whether the network is up"],
  plainThere: (place: string) => [
    "it does not speak TLS",
    `see whether the port is right; only where nobody can listen, go without: unset DOCKER_TLS_VERIFY, --host tcp://${place}`,
  ],
  tlsThere: () => [
    "it speaks TLS only",
    "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem",
  ],
  /** @param ca the file of those who are trusted, if there is one. */
  untrusted: (ca: string | undefined) => [
    "its certificate is of nobody who is trusted here",
    ca === undefined ? "put its ca.pem into DOCKER_CERT_PATH" : `see whether ${plain(ca)} is that engine's`,
  ],
  wrongName: (host: string, names: string) => [
    `its certificate is not for ${quoted(host)} but for ${plain(names)}`,
    "name it as its certificate does, or give it another",
  ],
  expired: () => ["its certificate has expired", "give the engine a new one"],
  notYetValid: () => ["its certificate is not valid yet", "see whether the clock is right on both sides"],
  certificateWanted: () => ["it wants a certificate of ours", "put cert.pem and key.pem into DOCKER_CERT_PATH"],
  certificateRefused: (cert: string) => [
    `it refuses our certificate ${plain(cert)}`,
    "have it signed by whom the engine trusts, and see whether it has expired",
  ],
  noSsh: () => ["there is no ssh here", "install it, as with: sudo apt-get install openssh-client"],
  sshRefused: () => ["no ssh listens there", "see whether sshd is up, and the port right"],
  /** @param ssh the command that reaches the same host. */
  sshKeyUnknown: (ssh: string) => [
    "its host key is not known here",
    `${ssh} once, and see whether the key it shows is right`,
  ],
  sshKeyChanged: (host: string) => [
    "its host key has changed: it was set up anew, or somebody is in between",
    `only if it was set up anew: ssh-keygen -R ${host}`,
  ],
  sshDenied: (ssh: string) => [
    "ssh lets none of our keys in, and here it asks for no password",
    `ssh-add, or ssh-copy-id${ssh.slice("ssh".length)}; try it with: ${ssh}`,
  ],
  sshSays: (words: string, ssh: string) => [`ssh says: ${escapeControls(words) || "nothing"}`, `try it with: ${ssh}`],
  noRemoteDocker: (host: string) => [
    `there is no docker command on ${plain(host)}, or not in the PATH of its shells that are not for login`,
    "install docker's client there",
  ],
  remoteDockerSays: (words: string, command: string) => [
    `docker there says: ${escapeControls(words)}`,
    `try it with: ${command}`,
  ],
} satisfies Record<string, (...facts: never[]) => Reason>;

/** A connection that could not be made, or broke. */
export const unreachableEngine = (place: string, [why, next]: Reason, cause: unknown) =>
  new OneoffError("engine-unreachable", `Cannot reach the engine at ${plain(place)}: ${why}`, { next, cause });
