import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { type Env, run, start } from "./process.ts";

export type PtyOptions = { cols?: number; rows?: number; env?: Env; cwd?: string };

export type PtyExit = { code: number | null; signal: NodeJS.Signals | null };

export interface Pty {
  /** The complete output so far. */
  readonly output: string;
  /** The PID of the command in the foreground. */
  readonly pid: number;
  /** `/dev/pts/N` */
  readonly slave: string;
  /** Settles when the command has exited and `output` is complete. The terminal stays open. */
  readonly exit: Promise<PtyExit>;
  /** Types keys: `\r` is Enter, `\x03` is ^C, `\x04` is ^D. */
  write(keys: string | Buffer): void;
  resize(cols: number, rows: number): void;
  /** Sends a signal to the command only, not to its process group. */
  signal(name: NodeJS.Signals): void;
  /** Closes the terminal, so that the command receives SIGHUP. */
  hangup(): void;
  /**
   * Waits for output after the previous match, like `expect`. Returns the match; throws with the complete output after
   * `ms`, or when the command has exited without a match.
   */
  waitFor(pattern: string | RegExp, ms?: number): Promise<string>;
  /** The output of `stty -a` for the terminal, also after the command has exited. */
  termios(): Promise<string>;
  /** Ends all processes in the terminal. */
  [Symbol.asyncDispose](): Promise<void>;
}

const RELAY = fileURLToPath(new URL("pty.pl", import.meta.url));

const signalName = (number: number) =>
  (Object.entries(constants.signals).find(([, n]) => n === number)?.[0] ?? null) as NodeJS.Signals | null;

/** Opens a terminal and runs a command in its foreground. */
export const openPty = async (argv: readonly string[], options: PtyOptions = {}): Promise<Pty> => {
  const { cols = 80, rows = 24, env, cwd } = options;
  const relay = await start(["perl", RELAY, String(cols), String(rows), ...argv], {
    stdin: "pipe",
    // COLUMNS and LINES would override the size of the terminal.
    env: { TERM: "xterm-256color", COLUMNS: undefined, LINES: undefined, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });

  const opened = Promise.withResolvers<[pid: string, slave: string]>();
  const exit = Promise.withResolvers<PtyExit>();
  for (const { promise } of [opened, exit]) promise.catch(() => {}); // callers need not await them
  const decoder = new TextDecoder();
  let output = "";
  let searched = 0;
  let hasExited = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };

  const receive = (kind: string, bytes: Buffer) => {
    if (kind === "o") output += decoder.decode(bytes, { stream: true });
    else if (kind === "p") opened.resolve(bytes.toString().split(" ") as [string, string]);
    else {
      const [code, signal] = bytes.toString().split(" ").map(Number) as [number, number];
      hasExited = true;
      exit.resolve(signal ? { code: null, signal: signalName(signal) } : { code, signal: null });
    }
    wake();
  };
  let unread = Buffer.alloc(0);
  relay.child.stdout?.on("data", (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= 5 && unread.length >= 5 + unread.readUInt32BE(1)) {
      const end = 5 + unread.readUInt32BE(1);
      receive(String.fromCharCode(unread[0] as number), unread.subarray(5, end));
      unread = unread.subarray(end);
    }
  });
  relay.done.then(({ stderr }) => {
    hasExited = true;
    const closedError = new Error(`The terminal was closed: ${stderr}`);
    for (const { reject } of [opened, exit]) reject(closedError);
    wake();
  });

  const send = (kind: string, payload: string | Buffer = "") => {
    const bytes = Buffer.from(payload as string);
    const head = Buffer.alloc(5);
    head.write(kind, "latin1");
    head.writeUInt32BE(bytes.length, 1);
    relay.child.stdin?.write(Buffer.concat([head, bytes]));
  };

  const [id, slave] = await opened.promise;
  const pid = Number(id);

  return {
    get output() {
      return output;
    },
    pid,
    slave,
    exit: exit.promise,
    write: (keys) => send("d", keys),
    resize: (cols, rows) => send("r", `${cols} ${rows}`),
    signal: (name) => void process.kill(pid, name),
    hangup: () => send("h"),
    waitFor: (pattern, ms = 30_000) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          waiting.delete(check);
          settle();
        };
        const fail = (reason: string) =>
          finish(() => reject(new Error(`${reason} without ${pattern}; the screen:\n${output}`)));
        const timer = setTimeout(() => fail(`${ms} ms went by`), ms);
        const check = () => {
          const fresh = output.slice(searched);
          const at = typeof pattern === "string" ? fresh.indexOf(pattern) : fresh.search(pattern);
          if (at < 0) return hasExited ? fail("The command ended") : undefined;
          const match = typeof pattern === "string" ? pattern : (fresh.match(pattern)?.[0] ?? "");
          searched += at + match.length;
          finish(() => resolve(match));
        };
        waiting.add(check);
        check();
      }),
    termios: async () => (await run(["stty", "-a", "-F", slave])).stdout.toString(),
    async [Symbol.asyncDispose]() {
      relay.child.stdin?.end();
      await relay.done;
    },
  };
};
