import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { folder } from "./folder.ts";
import { install, PATH, which } from "./packages.ts";
import { run } from "./process.ts";

export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** A PATH on which `ssh` knows this host as `box`, has a key that is let in, and sees nothing of the machine's settings. */
  readonly path: string;
  /** As `path`, with more settings of ssh that come first. */
  pathWith(name: string, settings: string): Promise<string>;
  /** A key's file; this one comes to an environment of its own. */
  readonly keyWithout: string;
  /** The host's line in known_hosts, with another key. */
  readonly wrongKey: string;
}

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

/** A real sshd at a port of its own, for the current user, whose commands find the engine at `host`. */
export async function startSshd(host: string): Promise<Sshd> {
  await install("ssh", "sshd", "docker");
  // Where it goes to be nobody; it is not there before the machine's own has been started.
  mkdirSync("/run/sshd", { recursive: true });
  const place = await folder();
  const dir = place.path;
  const port = await freePort();
  for (const name of ["host", "other", "key", "key-without"]) {
    const { code, stderr } = await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${dir}/${name}`]);
    if (code !== 0) throw new Error(`ssh-keygen: ${stderr}`);
  }
  const pub = async (name: string) => (await readFile(`${dir}/${name}.pub`, "utf8")).split(" ").slice(0, 2).join(" ");
  const files: Record<string, string> = {
    authorized: `${await pub("key")}\nenvironment="PATH=/nowhere" ${await pub("key-without")}\n`,
    known: `[127.0.0.1]:${port} ${await pub("host")}\n`,
    sshd_config: `
Port ${port}
ListenAddress 127.0.0.1
HostKey ${dir}/host
AuthorizedKeysFile ${dir}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PermitUserEnvironment yes
MaxStartups 100
SetEnv DOCKER_HOST=${host}
`,
    settings: `
Host box
  HostName 127.0.0.1
  Port ${port}
Host *
  IdentityFile ${dir}/key
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${dir}/known
  GlobalKnownHostsFile /dev/null
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(`${dir}/${name}`, text);

  const pathWith = async (name: string, settings: string) => {
    mkdirSync(`${dir}/${name}`);
    await writeFile(`${dir}/${name}/settings`, `${settings}\n${files.settings}`);
    await writeFile(`${dir}/${name}/ssh`, `#!/bin/sh\nexec ${which("ssh")} -F ${dir}/${name}/settings "$@"\n`);
    await chmod(`${dir}/${name}/ssh`, 0o755);
    return `${dir}/${name}:${PATH}`;
  };

  const daemon = spawn(which("sshd") as string, ["-D", "-e", "-f", `${dir}/sshd_config`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(daemon, "exit");
  const lines = createInterface(daemon.stderr);
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      said.push(line);
      if (line.startsWith("Server listening")) resolve();
    });
    ended.then(() => reject(new Error(`sshd ended: ${said.join("\n")}`)));
  });
  return {
    port,
    path: await pathWith("bin", ""),
    pathWith,
    keyWithout: `${dir}/key-without`,
    wrongKey: `[127.0.0.1]:${port} ${await pub("other")}\n`,
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await ended;
      await place[Symbol.asyncDispose]();
    },
  };
}
