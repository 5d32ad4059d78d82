import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { SshAddress } from "./endpoint.ts";
import { sshFailure } from "./ssh-failure.ts";

/** How long ssh itself may take to reach the other side, in seconds. */
const PATIENCE = 8;

/** How much is kept of what ssh says, in characters: the end of it. */
const MOST_SAID = 16_384;

/** How long its last words may take after its end, in milliseconds: a master connection that it has left keeps them open. */
const LAST_WORDS = 100;

/**
 * A connection to an engine through the system's ssh and docker's `dial-stdio` on the other side, one process each.
 * The user's own configuration of ssh counts, so that a master connection is shared. Nothing is ever asked: it is in a
 * session of its own, away from our terminal, which may be raw, and from ^C.
 */
export class SshConnection extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(address: SshAddress) {
    super({ allowHalfOpen: true });
    this.#child = spawn("ssh", sshWords(address), { stdio: "pipe", detached: true });
    const { stdin, stdout } = this.#child;
    // What becomes of it is told by its end.
    stdin.on("error", () => {});
    stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    void this.#attend(address);
  }

  /** Ends with ssh: well, or with what it says is wrong. */
  async #attend(address: SshAddress): Promise<void> {
    const { stdout, stderr } = this.#child;
    let said = "";
    stderr.on("data", (text: Buffer) => {
      said = `${said}${text}`.slice(-MOST_SAID);
    });
    const silent = once(stderr, "end");
    try {
      const [[code]] = await Promise.all([once(this.#child, "exit"), once(stdout, "end")]);
      await Promise.race([silent, pause(LAST_WORDS)]);
      if (code === 0) this.push(null);
      else this.destroy(sshFailure(address, code, said));
    } catch (error) {
      this.destroy(sshFailure(address, (error as NodeJS.ErrnoException).code, said));
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

  /** Whether it keeps the process from ending, as a socket does. */
  ref(): this {
    this.#child.ref();
    return this;
  }

  unref(): this {
    this.#child.unref();
    return this;
  }
}

/** What follows `ssh`. Its command is read by a shell on the other side. */
export function sshWords({ sshHost, user, port, remoteSocket }: SshAddress): string[] {
  const host = remoteSocket === undefined ? [] : [`--host=unix://'${remoteSocket.replaceAll("'", "'\\''")}'`];
  return [
    ...["-o", "BatchMode=yes", "-o", `ConnectTimeout=${PATIENCE}`, "-T"],
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...["--", sshHost, "docker", ...host, "system", "dial-stdio"],
  ];
}
