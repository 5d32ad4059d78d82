import { expect, test } from "vitest";
import { sshWords } from "../../../../src/engine/endpoint/ssh-connection.ts";
import { sshFailure } from "../../../../src/engine/endpoint/ssh-failure.ts";

const box = { sshHost: "box" };
const full = { sshHost: "box", user: "me", port: 2222, remoteSocket: "/run/it's.sock" };
const ASKING_NOTHING = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=8", "-T"];

test("ssh is told what the address says, and nothing else", () => {
  expect(sshWords(box)).toEqual([...ASKING_NOTHING, "--", "box", "docker", "system", "dial-stdio"]);
  expect(sshWords(full)).toEqual([
    ...ASKING_NOTHING,
    ...["-l", "me", "-p", "2222", "--", "box", "docker", "--host=unix://'/run/it'\\''s.sock'", "system", "dial-stdio"],
  ]);
});

// As OpenSSH 9.2 and docker 20.10 and 28 say it.
test.each<[number | string, string, string, string]>([
  ["ENOENT", "", "there is no ssh here", "install it, as with: sudo apt-get install openssh-client"],
  [
    255,
    "ssh: Could not resolve hostname box: Name or service not known",
    "there is no host of that name",
    "mend the name",
  ],
  [
    255,
    "ssh: connect to host box port 2222: Connection refused",
    "no ssh listens there",
    "see whether sshd is up, and the port right",
  ],
  [
    255,
    "ssh: connect to host box port 2222: Connection timed out",
    "it does not answer",
    "see whether the host is up, and no firewall in between",
  ],
  [
    255,
    "ssh: connect to host box port 2222: No route to host",
    "there is no way to that host",
    "see whether the network is up",
  ],
  [
    255,
    "No ED25519 host key is known for [box]:2222 and you have requested strict checking.\r\nHost key verification failed.",
    "its host key is not known here",
    "ssh -p 2222 me@box once, and see whether the key it shows is right",
  ],
  [
    255,
    "../../../../@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@\nHost key verification failed.",
    "its host key has changed: it was set up anew, or somebody is in between",
    "only if it was set up anew: ssh-keygen -R '[box]:2222'",
  ],
  [
    255,
    "me@box: Permission denied (publickey,password).",
    "ssh lets none of our keys in, and here it asks for no password",
    "ssh-add, or ssh-copy-id -p 2222 me@box; try it with: ssh -p 2222 me@box",
  ],
  [
    255,
    "debug1: noise\nkex_exchange_identification: Connection closed by remote host",
    "ssh says: kex_exchange_identification: Connection closed by remote host",
    "try it with: ssh -p 2222 me@box",
  ],
  [
    127,
    "bash: line 1: docker: command not found",
    "there is no docker command on box, or not in the PATH of its shells that are not for login",
    "install docker's client there",
  ],
  [
    1,
    "failed to open the raw stream connection: dial unix /run/d.sock: connect: permission denied",
    "docker there says: failed to open the raw stream connection: dial unix /run/d.sock: connect: permission denied",
    "try it with: ssh -p 2222 me@box docker version",
  ],
  [3, "", "docker there says: it has ended with code 3", "try it with: ssh -p 2222 me@box docker version"],
])("its code %s with %j", (code, said, why, next) =>
  expect(sshFailure(full, code, said)).toMatchObject({
    code: "engine-unreachable",
    message: `Cannot reach the engine at ssh://me@box:2222/run/it's.sock: ${why}`,
    next,
  }),
);
