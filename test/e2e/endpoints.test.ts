import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { type Authority, authority, type Certificate } from "../support/certificates.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, ended, eventually, said, see } from "../support/oneoff-suite.ts";
import { type Env, type ProcessOptions, run, start } from "../support/process.ts";
import { openPty } from "../support/pty.ts";
import { type Relay, relayTo } from "../support/relay.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";

const given = process.env.ONEOFF_TEST_HOST !== undefined;

/** dockerd listens here with TLS, in its own network namespace. */
const TLS_HOST = "tcp://127.0.0.1:2376";

let engine: TestEngine;
let ca: Authority;
let foreign: Authority;
let client: Certificate;
let sshd: Sshd;
let relay: Relay;

const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex");

/** A folder like docker's own, with a context "tls" for the engine's port. */
function contextFolder(): string {
  const path = `${ca.path}/docker`;
  const id = createHash("sha256").update("tls").digest("hex");
  for (const part of [`meta/${id}`, `tls/${id}/docker`]) mkdirSync(`${path}/contexts/${part}`, { recursive: true });
  const meta = { Name: "tls", Metadata: {}, Endpoints: { docker: { Host: TLS_HOST, SkipTLSVerify: false } } };
  writeFileSync(`${path}/contexts/meta/${id}/meta.json`, JSON.stringify(meta));
  return path;
}

describe.skipIf(given)("remote engine", () => {
  beforeAll(async () => {
    [ca, foreign] = await Promise.all([authority(), authority()]);
    const server = await ca.issue("server", "DNS:localhost,IP:127.0.0.1");
    client = await ca.issue("client", "DNS:client");
    const files = ["--tlscacert", server.ca, "--tlscert", server.cert, "--tlskey", server.key];
    engine = await startEngine({ args: ["--host", TLS_HOST, "--tlsverify", ...files] });
    await baseImage(engine.host);
    const context = `${contextFolder()}/contexts/tls/${createHash("sha256").update("tls").digest("hex")}/docker`;
    for (const name of ["ca", "cert", "key"] as const) {
      writeFileSync(`${context}/${name}.pem`, await readFile(client[name]));
    }
    sshd = await startSshd(engine.host);
    relay = await relayTo(engine.host.slice("unix://".length));
  });
  afterAll(async () => {
    for (const each of [relay, sshd, engine, ca, foreign]) await each?.[Symbol.asyncDispose]();
  });

  /** How to reach the engine: variables, and options before the command. */
  const ways: Record<string, () => { env: Env; argv: (words: readonly string[]) => string[] }> = {
    "a port": () => ({ env: { DOCKER_HOST: `tcp://127.0.0.1:${relay.port}` }, argv: (words) => [...words] }),
    "a port with TLS": () => ({
      env: { DOCKER_HOST: undefined, DOCKER_CONFIG: `${ca.path}/docker`, DOCKER_CONTEXT: "tls" },
      argv: engine.inside,
    }),
    ssh: () => ({ env: { DOCKER_HOST: "ssh://box", PATH: sshd.path }, argv: (words) => [...words] }),
  };

  describe.each(Object.keys(ways))("engine by %s", (name) => {
    const scope = name === "ssh" ? {} : { tags: ["full"] };
    const way = () => (ways[name] as () => ReturnType<(typeof ways)[string]>)();
    const oneoff = async (words: readonly string[], options: ProcessOptions = {}) => {
      const { env, argv } = way();
      return start(argv([BINARY, ...words]), { timeout: 60_000, ...options, env: { ...env, ...options.env } });
    };
    const runs = async (words: readonly string[], options: ProcessOptions = {}) =>
      said(await oneoff(["run", "--image", "busybox:local", ...words], options));

    test.concurrent("keeps streams apart, and returns the exit code", async () =>
      expect(await runs(["app", "sh", "-c", "echo out; echo err >&2; exit 7"])).toEqual({
        ...{ code: 7, stdout: "out\n", stderr: "err\n" },
      }));

    test.concurrent("forwards stdin as it is written, to EOF", async () => {
      const input = randomBytes(3_000_000);
      expect(await runs(["-q", "app", "sh", "-c", "md5sum; sleep 0.5; echo later"], { stdin: input })).toEqual({
        ...{ code: 0, stdout: `${md5(input)}  -\nlater\n`, stderr: "" },
      });
    });

    test.concurrent("transfers 50 MB byte for byte", { tags: ["full"] }, async () => {
      const command = "exec 3>&1; head -c 50000000 /dev/urandom | tee /dev/fd/3 | md5sum >&2";
      const { code, stdout, stderr } = await (await oneoff(["run", "-q", "--image", "busybox:local", "app", command]))
        .done;
      expect({ code, length: stdout.length }).toEqual({ code: 0, length: 50_000_000 });
      expect(stderr.toString()).toBe(`${md5(stdout)}  -\n`);
    });

    test.concurrent("uploads files and copies them back", scope, async () => {
      const content = randomBytes(3_000_000);
      await using here = await folder({ "in.bin": content });
      const copy = "cp /tmp/uploads/in.bin /tmp/out.bin";
      const words = ["--quiet", "--file", "in.bin", "--fetch", "/tmp/out.bin", "app", "sh", "-c", copy];
      expect(await runs(words, { cwd: here.path })).toMatchObject({ code: 0, stderr: "" });
      expect((await readFile(`${here.path}/out.bin`)).equals(content)).toBe(true);
    });

    test.concurrent("a TTY follows the local size, and forwards ^C", scope, async () => {
      const { env, argv } = way();
      const script = [
        "trap 'exit 9' INT",
        "until stty size | grep -qx '30 100'; do sleep 0.05; done; echo begins",
        "until stty size | grep -qx '20 70'; do sleep 0.05; done; echo follows",
        "while :; do sleep 0.05; done",
      ].join("; ");
      const words = [BINARY, "run", "--image", "busybox:local", "app", "sh", "-c", script];
      await using pty = await openPty(argv(words), { cols: 100, rows: 30, env });
      await see(pty, "begins");
      pty.resize(70, 20);
      await see(pty, "follows");
      pty.write("\x03");
      expect(await ended(pty)).toEqual({ code: 9, signal: null });
    });

    test.concurrent("builds a folder on the remote engine, and runs the image", { tags: ["full"] }, async () => {
      const app = name.replaceAll(" ", "-").toLowerCase();
      await using source = await folder({
        "oneoff.yaml": `app: ${app}\nbuild: .\nprocesses: {health-wait: 1s, stop-grace: 1s, drain: 0s}\n`,
        Dockerfile: 'FROM busybox:local\nCOPY greeting /greeting\nCMD ["sleep", "600"]\n',
        greeting: `by ${name}\n`,
      });
      const deployed = await said(await oneoff(["deploy", app, "."], { cwd: source.path }));
      expect({ ...deployed, stdout: "" }).toMatchObject({ code: 0, stderr: expect.stringContaining("schedule") });
      expect(await said(await oneoff(["run", "--quiet", app, "cat", "/greeting"], { cwd: source.path }))).toEqual({
        ...{ code: 0, stdout: `by ${name}\n`, stderr: "" },
      });
    });
  });

  /** The error of `oneoff run` without a connection. */
  const refused = async (env: Env, argv = (words: readonly string[]) => [...words]) => {
    const live = await start(argv([BINARY, "run", "--image", "busybox:local", "app", "true"]), {
      env,
      timeout: 60_000,
    });
    const { code, stdout, stderr } = await said(live);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    return stderr.replace(/^oneoff: Cannot reach the engine at \S+: /, "");
  };

  describe("TLS error", () => {
    const tls = (path: string) => ({ DOCKER_HOST: TLS_HOST, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: path });

    test.concurrent("reports that the engine requires TLS", async () =>
      expect(await refused({ DOCKER_HOST: TLS_HOST }, engine.inside)).toMatch(/^it requires TLS\n {2}set DOCKER_TLS/));

    test.concurrent("reports that the engine requires a client certificate", async () => {
      await using only = await folder({ "ca.pem": await readFile(client.ca) });
      expect(await refused(tls(only.path), engine.inside)).toMatch(/^it requires a client certificate\n/);
    });

    test.concurrent("reports a client certificate that the engine rejects", async () => {
      const { cert, key } = await foreign.issue("me", "DNS:me");
      await using mine = await folder({
        "ca.pem": await readFile(client.ca),
        "cert.pem": await readFile(cert),
        "key.pem": await readFile(key),
      });
      expect(await refused(tls(mine.path), engine.inside)).toMatch(/^it refuses the client certificate .*cert\.pem\n/);
    });

    test.concurrent("reports an engine certificate that is not trusted", async () => {
      const { path } = await foreign.issue("other", "DNS:other");
      expect(await refused(tls(path), engine.inside)).toMatch(/^its certificate is signed by an unknown authority\n/);
    });

    test.concurrent("reports an engine that does not use TLS", async () =>
      expect(await refused({ ...tls(client.path), DOCKER_HOST: `tcp://127.0.0.1:${relay.port}` })).toMatch(
        /^it does not use TLS\n/,
      ));
  });

  describe("ssh", () => {
    const box = (PATH: string, host = "ssh://box") => ({ DOCKER_HOST: host, PATH });

    test.concurrent("reports an SSH host whose key is unknown or has changed", async () => {
      await using other = await folder({ none: "", wrong: sshd.wrongKey });
      const unknown = await sshd.pathWith("unknown", `UserKnownHostsFile ${other.path}/none`);
      expect(await refused(box(unknown))).toMatch(
        /^its host key is unknown\n {2}connect once and check the host key: ssh box/,
      );
      const changed = await sshd.pathWith("changed", `UserKnownHostsFile ${other.path}/wrong`);
      expect(await refused(box(changed))).toMatch(/^its host key has changed: .*\n.*ssh-keygen -R box\n$/);
    });

    test.concurrent("reports an SSH host that refuses the login, without a prompt, also at a terminal", async () => {
      const host = `ssh://no-such-user@127.0.0.1:${sshd.port}`;
      await using pty = await openPty([BINARY, "-H", host, "ps"], { env: { PATH: sshd.path, NO_COLOR: "1" } });
      expect(await ended(pty)).toEqual({ code: 1, signal: null });
      expect(pty.output).toMatch(
        /^oneoff: Cannot .*: ssh: permission denied .*\r\n {2}ssh-add, or ssh-copy-id -p \d+ no-such-user@127/,
      );
    });

    test.concurrent("reports an SSH host without docker, or without an engine at that socket", async () => {
      const without = await sshd.pathWith("without", `IdentityFile ${sshd.keyWithout}\nIdentitiesOnly yes`);
      expect(await refused(box(without))).toMatch(/^no docker command on box /);
      expect(await refused(box(sshd.path, "ssh://box/no/such.sock"))).toMatch(
        /^docker on that host failed: .*\/no\/such\.sock/,
      );
    });

    test.concurrent("reports an unknown SSH host", async () => {
      await using empty = await folder();
      expect(await refused(box(empty.path))).toBe("ssh is not installed\n  sudo apt-get install openssh-client\n");
    });

    test.concurrent("shares an existing SSH master connection, which stays open", async () => {
      await using dir = await folder();
      const settings = `ControlMaster auto\nControlPath ${dir.path}/c\nControlPersist 60`;
      const path = await sshd.pathWith("master", settings);
      const env = box(path);
      try {
        for (const word of ["one", "two"]) {
          const live = await start([BINARY, "run", "--image", "busybox:local", "app", "echo", word], {
            env,
            timeout: 60_000,
          });
          expect(await said(live)).toEqual({ code: 0, stdout: `${word}\n`, stderr: "" });
          expect((await run(["ssh", "-O", "check", "box"], { env })).code).toBe(0);
        }
      } finally {
        await run(["ssh", "-O", "exit", "box"], { env });
      }
    });

    test.concurrent("ends the SSH connection when oneoff exits", async () => {
      const path = await sshd.pathWith("killed", "");
      const mine = async () => (await run(["pgrep", "-f", path.split(":")[0] as string])).stdout.toString();
      const live = await start([BINARY, "run", "--image", "busybox:local", "app", "sh", "-c", "echo up; sleep 600"], {
        env: box(path),
        stdin: "pipe",
        timeout: 60_000,
      });
      await eventually(() => expect(live.stdout.toString()).toBe("up\n"));
      expect(await mine()).not.toBe("");
      live.child.kill("SIGINT");
      await eventually(() => live.child.kill("SIGINT"), 500).then(() => live.done);
      await eventually(async () => expect(await mine()).toBe(""));
    });
  });

  test.concurrent("reports a socket that accepts connections and does not answer", { tags: ["full"] }, async () => {
    await using dir = await folder();
    const server = createServer((socket) => void socket.on("error", () => {}).resume()).listen(`${dir.path}/s`);
    try {
      expect(await refused({ DOCKER_HOST: `unix://${dir.path}/s` })).toMatch(
        /^it accepts connections but does not respond\n/,
      );
    } finally {
      server.close();
    }
  });
});
