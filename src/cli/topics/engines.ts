import type { Topic } from "./topic.ts";

export const engines: Topic = {
  about: "Engine addresses: sockets, TCP, TLS, ssh, docker contexts",
  text: () => `\
oneoff uses the Docker Engine API, also of Podman. It selects the engine as docker does. The first of these settings takes precedence; --host and --context cannot be used together:

- --context, the name of a docker context ("default" is no context)
- --host
- DOCKER_HOST
- DOCKER_CONTEXT
- the context of \`docker context use\`
- the first socket that exists: /var/run/docker.sock, a rootless engine, Docker Desktop, Colima, OrbStack, Podman

# Addresses
    unix:///path/to/docker.sock        or only the path
    tcp://host[:port][/path]           port 2375, or 2376 with TLS; [IPv6]
    ssh://[user@]host[:port][/path]    path of the remote socket, if not the default

# TLS
DOCKER_TLS_VERIFY=1 enables TLS for tcp:// with ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH. A context has its own files. oneoff verifies the certificate of the engine, unless DOCKER_TLS or the context disables verification.

# ssh
oneoff runs \`docker system dial-stdio\` on the remote host with the ssh of your system, so the remote host needs a docker client. Your ssh configuration applies. ssh never prompts: host key and authentication must work without input, e.g. after one \`ssh user@host\`. A run opens three connections. A master connection makes them fast:

    Host box
      ControlMaster auto
      ControlPath ~/.ssh/master-%C
      ControlPersist 10m

# API version and headers
oneoff uses API version 1.44, or the version of an older engine, down to 1.41. DOCKER_API_VERSION sets a lower maximum. HttpHeaders in docker's config.json are sent with every request.

# Timeouts
If the engine cannot be reached, oneoff prints the reason and a command to run next within ten seconds. The exit code is then 125 for run, attach, wait and exec, and 1 for other commands. oneoff waits for a slow engine as long as the engine responds to pings.
`,
};
