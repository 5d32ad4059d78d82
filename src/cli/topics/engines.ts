import type { Topic } from "./topic.ts";

export const engines: Topic = {
  about: "Where the engine is: sockets, ports, TLS, ssh, docker's contexts",
  text: () => `\
oneoff finds the engine as docker does. The first of these that says something decides; --host and --context cannot go together:

- --context, the name of a docker context; "default" is none
- --host
- DOCKER_HOST
- DOCKER_CONTEXT
- the context that "docker context use" has set
- the first socket that is there: /var/run/docker.sock, that of a rootless engine, and those of Docker Desktop, Colima, OrbStack and Podman

# Addresses
    unix:///path/to/docker.sock        or the path alone
    tcp://host[:port][/path]           2375, or 2376 with TLS; an IPv6 address in brackets
    ssh://[user@]host[:port][/path]    the path of the socket there, if it is not the usual one

# TLS
DOCKER_TLS_VERIFY=1 speaks it at a port, with ca.pem, cert.pem and key.pem of DOCKER_CERT_PATH. A context brings its own files. The engine has to prove who it is, unless DOCKER_TLS or the context say otherwise.

# ssh
The system's ssh runs "docker system dial-stdio" on the other side, so docker's client has to be there. Your own settings of ssh count. Nothing is ever asked: keys and host keys have to be in place, as after one "ssh user@host". Three connections are made for a run; a master connection makes them quick:

    Host box
      ControlMaster auto
      ControlPath ~/.ssh/master-%C
      ControlPersist 10m

# What is sent
oneoff speaks version 1.44 of the engine's API, or that of an older engine, down to 1.41; DOCKER_API_VERSION bounds it further. HttpHeaders of docker's config.json go with every request, as docker's client sends them.

# When it cannot be reached
A line says why within ten seconds, and what to type next; the exit code is 125 for run, attach, wait and exec, 1 for others. An engine that is slow is waited for, as long as it answers a ping.
`,
};
