import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { type Env, run, start } from "./process.ts";

export type PtyOptions = { cols?: number; rows?: number; env?: Env; cwd?: string };

export type PtyExit = { code: number | null; signal: NodeJS.Signals | null };

export interface Pty {
  /** Everything that was on the screen so far. */
  readonly output: string;
  /** The command's, in the foreground of the terminal. */
  readonly pid: number;
  /** `/dev/pts/N` */
  readonly slave: string;
  /** Settles when the command has ended and all it printed is in `output`. The terminal stays. */
  readonly exit: Promise<PtyExit>;
  /** Types. `\r` is the enter key, `\x03` is ^C, `\x04` is ^D. */
  write(keys: string | Buffer): void;
  resize(cols: number, rows: number): void;
  /** Sends a signal to the command, and only to it. */
  signal(name: NodeJS.Signals): void;
  /** Closes the window: the command loses its terminal and gets a SIGHUP. */
  hangup(): void;
  /**
   * Waits for new output, like expect does: what an earlier call has found is not looked at again. Returns the match;
   * throws with the whole output after `ms`, or as soon as the command has ended without it.
   */
  waitFor(pattern: string | RegExp, ms?: number): Promise<string>;
  /** `stty -a` of the terminal as somebody else sees it; after the command's end, too. */
  termios(): Promise<string>;
  /** Ends everything that runs in this terminal. */
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
    // A terminal of this kind, whatever the tests run in; and these two would speak louder than its size.
    env: { TERM: "xterm-256color", COLUMNS: undefined, LINES: undefined, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });

  const opened = Promise.withResolvers<[pid: string, slave: string]>();
  const exit = Promise.withResolvers<PtyExit>();
  for (const { promise } of [opened, exit]) promise.catch(() => {}); // not everybody waits for them
  const decoder = new TextDecoder();
  let output = "";
  let seen = 0;
  let over = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };

  const receive = (kind: string, bytes: Buffer) => {
    if (kind === "o") output += decoder.decode(bytes, { stream: true });
    else if (kind === "p") opened.resolve(bytes.toString().split(" ") as [string, string]);
    else {
      const [code, signal] = bytes.toString().split(" ").map(Number) as [number, number];
      over = true;
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
    over = true;
    const lost = new Error(`The terminal is gone: ${stderr}`);
    for (const { reject } of [opened, exit]) reject(lost);
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
          waiting.delete(look);
          settle();
        };
        const fail = (why: string) =>
          finish(() => reject(new Error(`${why} without ${pattern}; the screen:\n${output}`)));
        const timer = setTimeout(() => fail(`${ms} ms went by`), ms);
        const look = () => {
          const fresh = output.slice(seen);
          const at = typeof pattern === "string" ? fresh.indexOf(pattern) : fresh.search(pattern);
          if (at < 0) return over ? fail("The command ended") : undefined;
          const found = typeof pattern === "string" ? pattern : (fresh.match(pattern)?.[0] ?? "");
          seen += at + found.length;
          finish(() => resolve(found));
        };
        waiting.add(look);
        look();
      }),
    termios: async () => (await run(["stty", "-a", "-F", slave])).stdout.toString(),
    async [Symbol.asyncDispose]() {
      relay.child.stdin?.end();
      await relay.done;
    },
  };
};
