import { expect, test } from "vitest";
import { sshArgs } from "../../../../src/engine/endpoint/ssh-connection.ts";
import { sshFailure } from "../../../../src/engine/endpoint/ssh-failure.ts";

const box = { sshHost: "box" };
const full = { sshHost: "box", user: "me", port: 2222, remoteSocket: "/run/it's.sock" };
const ASKING_NOTHING = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=8", "-T"];

test("passes only the parts of the address to ssh", () => {
  expect(sshArgs(box)).toEqual([...ASKING_NOTHING, "--", "box", "docker", "system", "dial-stdio"]);
  expect(sshArgs(full)).toEqual([
    ...ASKING_NOTHING,
    ...["-l", "me", "-p", "2222", "--", "box", "docker", "--host=unix://'/run/it'\\''s.sock'", "system", "dial-stdio"],
  ]);
});

// Messages of OpenSSH 9.2 and docker 20.10 and 28.
test.each<[number | string, string, string, string]>([
  ["ENOENT", "", "ssh is not installed", "sudo apt-get install openssh-client"],
  [255, "ssh: Could not resolve hostname box: Name or service not known", "no such host", "fix the name of the host"],
  [
    255,
    "ssh: connect to host box port 2222: Connection refused",
    "ssh: connection refused",
    "check that sshd is running, and the port",
  ],
  [
    255,
    "ssh: connect to host box port 2222: Connection timed out",
    "connection timed out",
    "check that the host is up and that no firewall blocks the port",
  ],
  [255, "ssh: connect to host box port 2222: No route to host", "no route to host", "check that the network is up"],
  [
    255,
    "No ED25519 host key is known for [box]:2222 and you have requested strict checking.\r\nHost key verification failed.",
    "its host key is unknown",
    "connect once and check the host key: ssh -p 2222 me@box",
  ],
  [
    255,
    "../../../../@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@\nHost key verification failed.",
    "its host key has changed: the host was reinstalled, or the connection is intercepted",
    "only if the host was reinstalled: ssh-keygen -R '[box]:2222'",
  ],
  [
    255,
    "me@box: Permission denied (publickey,password).",
    "ssh: permission denied (oneoff cannot enter a password)",
    "ssh-add, or ssh-copy-id -p 2222 me@box, then: ssh -p 2222 me@box",
  ],
  [
    255,
    "debug1: noise\nkex_exchange_identification: Connection closed by remote host",
    "ssh failed: kex_exchange_identification: Connection closed by remote host",
    "ssh -p 2222 me@box",
  ],
  [
    127,
    "bash: line 1: docker: command not found",
    "no docker command on box in the PATH of a non-login shell",
    "install the docker client on that host",
  ],
  [
    1,
    "failed to open the raw stream connection: dial unix /run/d.sock: connect: permission denied",
    "docker on that host failed: failed to open the raw stream connection: dial unix /run/d.sock: connect: permission denied",
    "ssh -p 2222 me@box docker version",
  ],
  [3, "", "docker on that host failed: exit code 3", "ssh -p 2222 me@box docker version"],
])("explains ssh exit code %s with %j", (code, said, why, next) =>
  expect(sshFailure(full, code, said)).toMatchObject({
    code: "engine-unreachable",
    message: `Cannot reach the engine at ssh://me@box:2222/run/it's.sock: ${why}`,
    next,
  }),
);
