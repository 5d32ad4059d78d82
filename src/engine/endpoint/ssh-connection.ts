import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { SshAddress } from "./endpoint.ts";
import { sshFailure } from "./ssh-failure.ts";

/** ConnectTimeout of ssh, in seconds. */
const CONNECT_TIMEOUT_S = 8;

/** Number of last characters of ssh's stderr that are kept. */
const MAX_STDERR = 16_384;

/** Time to read stderr after ssh exits: a remaining master connection keeps the pipe open. */
const STDERR_TIMEOUT_MS = 100;

/**
 * A connection through the system's ssh and `docker system dial-stdio` on the remote host, one process each.
 * The user's ssh configuration applies, so that a master connection is shared. ssh never prompts: it has a
 * session of its own, without the terminal, which may be in raw mode, and without ^C.
 */
export class SshConnection extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(address: SshAddress) {
    super({ allowHalfOpen: true });
    this.#child = spawn("ssh", sshArgs(address), { stdio: "pipe", detached: true });
    const { stdin, stdout } = this.#child;
    // The exit of the process reports errors.
    stdin.on("error", () => {});
    stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    void this.#watchExit(address);
  }

  /** Resolves when ssh exits; rejects with its error. */
  async #watchExit(address: SshAddress): Promise<void> {
    const { stdout, stderr } = this.#child;
    let stderrText = "";
    stderr.on("data", (text: Buffer) => {
      stderrText = `${stderrText}${text}`.slice(-MAX_STDERR);
    });
    const stderrEnd = once(stderr, "end");
    try {
      const [[code]] = await Promise.all([once(this.#child, "exit"), once(stdout, "end")]);
      await Promise.race([stderrEnd, pause(STDERR_TIMEOUT_MS)]);
      if (code === 0) this.push(null);
      else this.destroy(sshFailure(address, code, stderrText));
    } catch (error) {
      this.destroy(sshFailure(address, (error as NodeJS.ErrnoException).code, stderrText));
    }
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { stdin, stdout, stderr } = this.#child;
    this.#child.kill();
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    done(error);
  }

  /** Whether it keeps the event loop alive, like a socket. */
  ref(): this {
    this.#child.ref();
    return this;
  }

  unref(): this {
    this.#child.unref();
    return this;
  }
}

/** The arguments of `ssh`. A remote shell parses the command. */
export function sshArgs({ sshHost, user, port, remoteSocket }: SshAddress): string[] {
  const host = remoteSocket === undefined ? [] : [`--host=unix://'${remoteSocket.replaceAll("'", "'\\''")}'`];
  return [
    ...["-o", "BatchMode=yes", "-o", `ConnectTimeout=${CONNECT_TIMEOUT_S}`, "-T"],
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...["--", sshHost, "docker", ...host, "system", "dial-stdio"],
  ];
}
