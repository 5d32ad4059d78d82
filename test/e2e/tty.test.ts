import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { ended, eventually, oneoffSuite, REMOVED, see } from "../support/oneoff-suite.ts";
import { run } from "../support/process.ts";
import type { Pty } from "../support/pty.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

/** All terminal settings that `stty` prints, on one line. */
const settings = async (pty: Pty) => (await run(["stty", "-g", "-F", pty.slave])).stdout.toString().trim();

/** Starts oneoff in a terminal with unusual settings, in the process of the shell that made them. */
const session = async (words: readonly string[], mine = suite) => {
  const odd = 'stty erase ^H werase ^X -ixon tab3; stty -g; exec "$@"';
  const pty = await mine.ptyBash(odd, words);
  const before = (await see(pty, /[0-9a-f:]{40,}\r\n/)).trim();
  return { pty, before };
};

/** Reads so many bytes of raw keys and prints them in hexadecimal. */
const showKeys = (count: number) => ["sh", "-c", `stty raw -echo; echo ready; head -c ${count} | xxd -p`];

describe("allocation of a TTY", () => {
  const look = "for fd in 0 1 2; do [ -t $fd ] && printf 'T' || printf '-'; done; echo .";

  test.concurrent("allocates a TTY when stdin and stdout are terminals", async () => {
    await using pty = await suite.pty(["app", look]);
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toMatch(/^Running run\.\d{4} on app\r\nTTT\.\r\n$/);
  });

  test.concurrent("allocates no TTY when stdin is piped and stdout a terminal, and reads the pipe", async () => {
    await using pty = await suite.ptyBash('echo piped | "$@"', ["app", `${look}; cat`]);
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toBe("---.\r\npiped\r\n");
  });

  test.concurrent("allocates no TTY when stdin is a terminal and stdout piped, and reads lines until ^D", async () => {
    await using pty = await suite.ptyBash('"$@" | sed "s/^/> /"', ["app", `${look}; cat; echo end`]);
    await see(pty, "> ---.");
    pty.write("typed\r");
    await see(pty, "> typed\r\n");
    pty.write("\x04");
    await see(pty, "> end\r\n");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });

  test.concurrent("allocates a TTY when stderr is redirected, and prints its own messages there", async () => {
    await using dir = await folder();
    const env = { FILE: join(dir.path, "stderr") };
    await using pty = await suite.ptyBash('exec "$@" 2>"$FILE"', ["app", `${look}; echo err >&2`], { env });
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toBe("TTT.\r\nerr\r\n");
    expect(await readFile(env.FILE, "utf8")).toMatch(/^Running run\.\d{4} on app\n$/);
  });

  for (const [scope, rows] of quickAndFull(["--no-tty", "-T"], 1))
    test.concurrent.each(rows)(
      "allocates no TTY with %s at a terminal, and ^C interrupts the command",
      scope,
      async (option) => {
        const command = `${look}; trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.1; done`;
        await using pty = await suite.pty([option, "app", command]);
        await see(pty, "---.\r\n");
        await see(pty, "ready");
        pty.write("\x03");
        expect(await ended(pty)).toEqual({ code: 5, signal: null });
        expect(pty.output).toContain("interrupted\r\n");
      },
    );

  test.concurrent("rejects --tty with a piped stdin (case 30)", async () => {
    const env = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };
    expect(await suite.run(["--tty", "app", "cat"], { stdin: "piped", env })).toEqual({
      code: 125,
      stdout: "",
      stderr:
        "oneoff: --tty requires a terminal as stdin: a TTY cannot pass on the EOF of a pipe or file\n  remove --tty, or redirect stdin from /dev/null\n",
    });
  });

  test.concurrent("--tty without a stdin allocates a TTY, whatever the local terminal is (case 30)", async () => {
    expect(await suite.run(["-qt", "app", `${look}; echo err >&2; exit 6`])).toEqual({
      code: 6,
      stdout: "TTT.\r\nerr\r\n",
      stderr: "",
    });
  });
});

describe("output at a TTY", () => {
  test.concurrent("prints only the command's output with --quiet, up to the end of its last line (case 40)", async () => {
    await using pty = await suite.pty(["--quiet", "app", "sh", "-c", "echo first; echo last"]);
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toBe("first\r\nlast\r\n");
  });

  test.concurrent("keeps a bare line feed bare, as full-screen programs need it", async () => {
    await using pty = await suite.pty(["-q", "app", "sh", "-c", "stty -opost; printf 'a\\nb\\tc\\r\\n'"]);
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toBe("a\nb\tc\r\n");
  });

  test.concurrent("delivers large output at a TTY whole, and in order", async () => {
    await using pty = await suite.pty(["-q", "app", "seq", "20000"]);
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    const lines = pty.output.split("\r\n");
    expect(lines).toHaveLength(20_001);
    expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(20_000);
  });

  test.concurrent("forwards multi-byte characters in both directions", async () => {
    await using pty = await suite.pty(["-q", "app", "sh", "-c", 'echo ready; read -r line; echo "<$line>"']);
    await see(pty, "ready");
    pty.write("žluťoučký 🐎\r");
    await see(pty, "<žluťoučký 🐎>\r\n");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });
});

describe("size of a TTY", () => {
  test.concurrent("sets the size of a TTY at the start, and after every change (cases 24 and 41)", async () => {
    const { ApiVersion } = (await api(host).get("/version")).body;
    const early = Number(ApiVersion.split(".")[1]) >= 42;
    // Engines before API 1.42 accept no size before the start: there the command may read it a moment too early.
    const first = early ? "stty size; " : "until stty size | grep -qx '41 133'; do sleep 0.01; done; stty size; ";
    const command = `${first}trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done`;
    await using pty = await suite.pty(["-q", "app", command], { cols: 133, rows: 41 });
    expect(await see(pty, /\d+ \d+\r\n/)).toBe("41 133\r\n");
    await see(pty, "ready");
    for (const [cols, rows] of [
      [100, 30],
      [20, 5],
      [500, 200],
    ] as const) {
      pty.resize(cols, rows);
      await see(pty, `${rows} ${cols}\r\n`);
    }
    pty.signal("SIGTERM");
    expect(await ended(pty)).toEqual({ code: 143, signal: null });
  });

  test.concurrent("sets the last size of a TTY after many changes at once", { tags: ["full"] }, async () => {
    const command = "echo ready; until stty size | grep -qx '40 140'; do sleep 0.05; done; echo followed";
    await using pty = await suite.pty(["-q", "app", command], { cols: 80, rows: 24 });
    await see(pty, "ready");
    for (let step = 1; step <= 40; step++) pty.resize(100 + step, step);
    await see(pty, "followed");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });

  test.concurrent("runs the command when the terminal has no size (case 13)", async () => {
    await using pty = await suite.pty(["-q", "app", "echo fine"], { cols: 0, rows: 0 });
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toBe("fine\r\n");
  });
});

describe("settings of the local terminal", () => {
  test.concurrent("makes the terminal raw while the command runs", async () => {
    await using pty = await suite.pty(["-q", "app", "sh", "-c", "echo ready; read -r _"]);
    await see(pty, "ready");
    const flags = (await pty.termios()).split(/[\s;]+/);
    const off = [
      "opost",
      "icanon",
      "isig",
      "echo",
      "echonl",
      "iexten",
      "ixon",
      "icrnl",
      "inlcr",
      "igncr",
      "istrip",
      "brkint",
      "parmrk",
      "ignbrk",
    ];
    expect(flags).toEqual(expect.arrayContaining(off.map((flag) => `-${flag}`)));
    expect(flags).toEqual(expect.arrayContaining(["cs8", "min", "time"]));
    expect(await pty.termios()).toMatch(/min = 1; time = 0;/);
    pty.write("\r");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["fails", ["app", "echo ready; exit 9"], 9],
      ["is not found by the init", ["app", "no-such-command"], 127],
      ["succeeds", ["app", "echo ready"], 0],
      ["is not found by the engine", ["--no-init", "app", "no-such-command"], 127],
      ["has no image", ["--image", "no-such:image", "app", "true"], 125],
      ["changes its terminal settings", ["app", "stty raw -echo; exit 1"], 1],
    ] as const,
    2,
  ))
    test.concurrent.each(rows)(
      "restores the terminal's settings to the last bit after a command that %s",
      scope,
      async (_what, words, code) => {
        const { pty, before } = await session(words);
        await using _pty = pty;
        expect(await ended(pty)).toEqual({ code, signal: null });
        expect(await settings(pty)).toBe(before);
      },
    );

  for (const [scope, rows] of quickAndFull(
    [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
      ["SIGQUIT", 131],
      ["SIGUSR1", 138],
    ] as const,
    1,
  ))
    test.concurrent.each(rows)(
      "restores the terminal's settings after a %s, which is forwarded to the command (cases 8 and 11)",
      scope,
      async (signal, code) => {
        await using mine = suite.apart();
        const { pty, before } = await session(["app", "sh", "-c", "echo ready; exec sleep 600"], mine);
        await using _pty = pty;
        await see(pty, "ready");
        expect(await settings(pty)).not.toBe(before);
        pty.signal(signal);
        expect(await ended(pty)).toEqual({ code, signal: null });
        expect(await settings(pty)).toBe(before);
        await mine.gone();
      },
    );

  test.concurrent("restores the terminal's settings after another client removed the container", async () => {
    await using mine = suite.apart();
    const { pty, before } = await session(["app", "sh", "-c", "echo ready; exec sleep 600"], mine);
    await using _pty = pty;
    await see(pty, "ready");
    const { Id } = await mine.running();
    expect((await api(host).delete(`/containers/${Id}?force=1`)).status).toBe(204);
    expect(await ended(pty)).toEqual({ code: REMOVED, signal: null });
    expect(await settings(pty)).toBe(before);
  });

  test.concurrent("restores the terminal's settings where stty does not exist", { tags: ["full"] }, async () => {
    const { pty, before } = await session(["-q", "app", ...showKeys(2)]);
    await using _pty = pty;
    await see(pty, "ready");
    pty.write("\x03\r");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toContain("030d");
    expect(await settings(pty)).toBe(before);

    const bare = await suite.ptyBash(
      'stty erase ^H -ixon; stty -g; exec env -i DOCKER_HOST="$DOCKER_HOST" PATH=/nonexistent "$@"',
      ["-q", "app", ...showKeys(2)],
    );
    await using _bare = bare;
    const first = (await see(bare, /[0-9a-f:]{40,}\r\n/)).trim();
    await see(bare, "ready");
    bare.write("\x03\r");
    expect(await ended(bare)).toEqual({ code: 0, signal: null });
    expect(bare.output).toContain("030d");
    expect(await settings(bare)).toBe(first);
  });
});

describe("keys", () => {
  test.concurrent("forwards all keys unchanged, also those that a terminal would interpret", async () => {
    // ^C ^Z ^D ^\ ^S ^Q ^V ^O ^R ^W ^U, enter, line feed, tab, escape, DEL, NUL, and bytes that are no text.
    const keys = "031a041c1311160f1217150d0a091b7f0080ff41";
    await using pty = await suite.pty(["-q", "app", ...showKeys(keys.length / 2)]);
    await see(pty, "ready");
    pty.write(Buffer.from(keys, "hex"));
    await see(pty, keys);
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });

  test.concurrent("^C interrupts, ^\\ quits, ^Z stops and ^D ends the program in the container", async () => {
    const traps = "trap 'echo INT' INT; trap 'echo QUIT' QUIT; echo ready; cat; echo eof; cat; exit 7";
    await using mine = suite.apart();
    await using pty = await mine.pty(["-q", "app", "sh", "-ic", `PS1='$ '; ${traps}`]);
    await see(pty, "ready");
    pty.write("typed\r");
    await see(pty, "typed\r\ntyped\r\n");
    pty.write("\x04");
    await see(pty, "eof");
    pty.write("\x04");
    expect(await ended(pty)).toEqual({ code: 7, signal: null });

    await using shell = await mine.pty(["-q", "app", "sh"]);
    /** Runs a program in the shell's foreground, and types a key when it is ready. */
    const interrupt = async (command: string, key: string) => {
      await see(shell, "# ");
      shell.write(`${command}sh -c 'echo begun; exec sleep 600'\r`);
      await see(shell, "\nbegun\r\n");
      shell.write(key);
    };
    await interrupt("", "\x03");
    await interrupt("echo code $?; ", "\x1a");
    await see(shell, "Stopped");
    await interrupt("kill -9 %1; ", "\x1c");
    await see(shell, "# ");
    expect(shell.output).toContain("code 130\r\n");
    shell.write("exit 3\r");
    expect(await ended(shell)).toEqual({ code: 3, signal: null });
  });

  test.concurrent("forwards a large paste whole", { tags: ["full"] }, async () => {
    const bytes = Buffer.alloc(200_000, "0123456789abcdef");
    await using pty = await suite.pty(["-q", "app", "sh", "-c", "stty raw -echo; echo ready; head -c 200000 | md5sum"]);
    await see(pty, "ready");
    pty.write(bytes);
    const { stdout } = await run(["md5sum"], { stdin: bytes });
    await see(pty, stdout.toString().trim());
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });

  test.concurrent("forwards a single ctrl-p at once, and keys that only begin like the detach keys", async () => {
    await using pty = await suite.pty([
      "-q",
      "app",
      "sh",
      "-c",
      "stty raw -echo; echo ready; head -c 1 | xxd -p; head -c 4 | xxd -p",
    ]);
    await see(pty, "ready");
    pty.write("\x10");
    await see(pty, "10\n");
    pty.write("x\x10\x10y");
    await see(pty, "78101079\n");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });
});

describe("detaching", () => {
  /** Types these keys one after the other. @returns what the program reads, and whether oneoff still runs. */
  const detach = async (options: readonly string[], keys: readonly string[]) => {
    const mine = suite.apart();
    const { pty, before } = await session([...options, "app", "sh", "-c", "echo ready; exec sleep 600"], mine);
    await see(pty, "ready");
    for (const key of keys) pty.write(key);
    return { mine, pty, before };
  };

  for (const [scope, rows] of quickAndFull(
    [
      ["ctrl-p,ctrl-q", [], ["\x10\x11"]],
      ["--detach-keys ctrl-x,x", ["--detach-keys", "ctrl-x,x"], ["\x18x"]],
      ["ctrl-p,ctrl-q, typed one by one", [], ["\x10", "\x11"]],
      ["ctrl-p,ctrl-p,ctrl-q", [], ["\x10\x10\x11"]],
      ["--detach-keys DEL", ["--detach-keys=DEL"], ["\x7f"]],
    ] as const,
    2,
  ))
    test.concurrent.each(rows)(
      "detaches with 0 by %s, and keeps the container running (case 33)",
      scope,
      async (_what, options, keys) => {
        const { mine, pty, before } = await detach(options, keys);
        await using _mine = mine;
        await using _pty = pty;
        expect(await ended(pty)).toEqual({ code: 0, signal: null });
        const { Id, State } = await mine.running();
        expect(State.Running).toBe(true);
        expect(pty.output).toMatch(/run\.\d{4} is still running/);
        expect(await settings(pty)).toBe(before);
        expect((await api(host).post(`/containers/${Id}/kill`)).status).toBe(204);
        await mine.gone();
      },
    );

  test.concurrent("restores the terminal before it prints how to attach again", async () => {
    const { mine, pty } = await detach([], ["\x10\x11"]);
    await using _mine = mine;
    await using _pty = pty;
    await ended(pty);
    const { Id } = await mine.running();
    expect(pty.output).toMatch(/(run\.\d{4}) is still running; reattach with: oneoff attach \1\r\n$/);
    expect((await api(host).post(`/containers/${Id}/kill`)).status).toBe(204);
    await mine.gone();
  });

  test.concurrent("other detach keys make ctrl-p,ctrl-q ordinary keys (case 33)", { tags: ["full"] }, async () => {
    for (const option of ["--detach-keys=a,b,c", "--detach-keys="]) {
      await using pty = await suite.pty(["-q", option, "app", ...showKeys(5)]);
      await see(pty, "ready");
      pty.write("\x10\x11aba");
      await see(pty, "1011616261\n");
      expect(await ended(pty)).toEqual({ code: 0, signal: null });
    }
  });
});

describe("programs at a TTY", () => {
  test.concurrent("a shell behaves as it does locally, and sets the exit code", async () => {
    await using pty = await suite.pty(["app", "sh"]);
    await see(pty, "# ");
    pty.write("echo $((20 + 3)) $TERM\r");
    await see(pty, "23 xterm\r\n");
    pty.write("exit 3\r");
    expect(await ended(pty)).toEqual({ code: 3, signal: null });
  });

  test.concurrent("opens a shell without a command", async () => {
    await using pty = await suite.pty(["app"]);
    await see(pty, "# ");
    pty.write("cat /proc/$$/comm; exit 4\r");
    await see(pty, "sh\r\n");
    expect(await ended(pty)).toEqual({ code: 4, signal: null });
  });

  test.concurrent("opens bash without a command where the image has it", async () => {
    const image = `oneoff-e2e-tty:${randomUUID()}`;
    const bash = "#!/bin/sh\necho I am bash $#\nread -r _\nexit 5\n";
    await buildImage(host, image, "FROM busybox:local\nCOPY bash /bin/bash", { bash });
    try {
      await using pty = await suite.pty(["--image", image, "app"]);
      await see(pty, "I am bash 0\r\n");
      pty.write("\r");
      expect(await ended(pty)).toEqual({ code: 5, signal: null });
    } finally {
      await eventually(async () => expect((await api(host).delete(`/images/${image}?force=1`)).status).toBe(200));
    }
  });

  test.concurrent("vi edits and writes a file", async () => {
    await using pty = await suite.pty(["-q", "app", "vi /tmp/file; echo; cat /tmp/file"]);
    await see(pty, "- /tmp/file");
    pty.write("ihello from vi");
    await see(pty, "hello from vi");
    // Typed separately: with the next character it would be another key.
    pty.write("\x1b");
    await see(pty, "- /tmp/file");
    pty.write(":wq\r");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    expect(pty.output).toMatch(/\r\nhello from vi\r\n$/);
  });

  test.concurrent("less pages by the height of the local terminal, and quits", { tags: ["full"] }, async () => {
    await using pty = await suite.pty(
      ["-q", "app", "until stty size | grep -qx '7 80'; do sleep 0.01; done; seq 100 | less"],
      { rows: 7 },
    );
    await see(pty, /[^0-9]6\r?\n/);
    expect(pty.output).not.toMatch(/[^0-9]7\r?\n/);
    pty.write(" ");
    await see(pty, /[^0-9]12\r?\n/);
    expect(pty.output).not.toMatch(/[^0-9]13\r?\n/);
    pty.write("q");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });

  test.concurrent("top redraws repeatedly, and quits", { tags: ["full"] }, async () => {
    await using pty = await suite.pty(["-q", "app", "top", "-d", "1"]);
    await see(pty, "Mem:");
    await see(pty, "Mem:");
    pty.write("q");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });
});

describe("signals at a TTY", () => {
  test.concurrent("forwards SIGTERM, whose handler decides how the command ends (case 11)", async () => {
    await using pty = await suite.pty([
      "-q",
      "app",
      "trap 'echo terminated; exit 33' TERM; echo ready; while :; do sleep 0.1; done",
    ]);
    await see(pty, "ready");
    pty.signal("SIGTERM");
    expect(await ended(pty)).toEqual({ code: 33, signal: null });
    expect(pty.output).toBe("ready\r\nterminated\r\n");
  });

  for (const [scope, rows] of quickAndFull(
    [
      ["ignores a SIGHUP", "trap '' HUP; sleep 600"],
      ["has no handler", "exec sleep 600"],
      ["ignores a SIGHUP and a SIGTERM", "trap '' HUP TERM; sleep 600"],
    ],
    1,
  ))
    test.concurrent.each(rows)(
      "a closed window ends the one-off of a command that %s",
      scope,
      async (_what, command) => {
        await using mine = suite.apart();
        await using pty = await mine.pty(["-q", "app", "sh", "-c", `echo ready; ${command}`]);
        await see(pty, "ready");
        pty.hangup();
        await mine.gone();
        expect((await ended(pty)).signal).toBe(null);
      },
    );

  test.concurrent("stops in the background without using CPU time, and continues in the foreground (case 48)", {
    tags: ["full"],
  }, async () => {
    await using pty = await suite.ptyBash(
      'set -m; "$@" & until jobs | grep Stopped; do sleep 0.1; done; grep -h State /proc/$!/status; fg %1 >/dev/null; echo code $?',
      ["-q", "app", "sh", "-c", 'echo ready; read -r line; echo "<$line>"; exit 6'],
    );
    await see(pty, /Stopped/);
    await see(pty, "T (stopped)");
    pty.write("typed\r");
    await see(pty, "<typed>");
    await see(pty, "code 6");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });
});
