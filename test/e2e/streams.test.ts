import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { fastExits } from "../support/fast-exits.ts";
import { folder } from "../support/folder.ts";
import { eventually, oneoffSuite } from "../support/oneoff-suite.ts";

const suite = oneoffSuite(inject("engineHost"));
const nowhere = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };

const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");
const seq = (last: number) => Array.from({ length: last }, (_, index) => `${index + 1}\n`).join("");

/** Reads stdin, pausing for so many ms before the first and after every megabyte; prints its length and its SHA-256. */
const slowReader = (ms: number, first = ms) => {
  const script = `
    const hash = require("node:crypto").createHash("sha256");
    const chunk = Buffer.alloc(65536);
    const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    let total = 0;
    pause(${first});
    for (let length; (length = require("node:fs").readSync(0, chunk)); total += length) {
      hash.update(chunk.subarray(0, length));
      if (Math.floor((total + length) / 1e6) > Math.floor(total / 1e6)) pause(${ms});
    }
    console.log(total, hash.digest("hex"));`;
  return `${process.execPath} -e '${script.replaceAll("'", "'\\''")}'`;
};

describe("stdin", () => {
  const quiet = needs("silent streams");

  test.concurrent("forwards stdin in echo x | oneoff run app cat (case 27)", async () => {
    expect(await suite.bash('echo x | "$@"', ["app", "cat"])).toEqual({ code: 0, stdout: "x\n", stderr: "" });
  });

  test.concurrent.each([
    ["closed", "<&-"],
    ["/dev/null", "</dev/null"],
    ["a pipe without a writer", ": |"],
  ] as const)("forwards EOF at once from a stdin that is %s (case 44)", async (_what, redirection) => {
    const script = redirection.endsWith("|") ? `${redirection} "$@"` : `"$@" ${redirection}`;
    expect(await suite.bash(script, ["app", "sh", "-c", "cat; echo end"])).toEqual({
      code: 0,
      stdout: "end\n",
      stderr: "",
    });
  });

  test.concurrent(
    "reads a stdin that is a file to its end, or as far as the command reads (case 44)",
    quiet,
    async () => {
      const bytes = randomBytes(3_000_000);
      await using dir = await folder({ bytes });
      const env = { FILE: join(dir.path, "bytes") };
      expect(await suite.bash('"$@" <"$FILE"', ["app", "sha256sum"], { env })).toEqual({
        code: 0,
        stdout: `${sha256(bytes)}  -\n`,
        stderr: "",
      });
      const part = await suite.bash('"$@" <"$FILE"', ["app", "sh", "-c", "head -c 1000000 | sha256sum"], { env });
      expect(part).toEqual({ code: 0, stdout: `${sha256(bytes.subarray(0, 1_000_000))}  -\n`, stderr: "" });
    },
  );

  test.concurrent("rejects a stdin that is a folder before the first request (case 44)", async () => {
    expect(await suite.bash('"$@" </', ["app", "cat"], { env: nowhere })).toEqual({
      code: 125,
      stdout: "",
      stderr: "oneoff: stdin is a folder\n  redirect a file, or </dev/null\n",
    });
  });

  test.concurrent("exits with its command while stdin stays open (case 28)", async () => {
    await using mine = suite.apart();
    await using live = await mine.start(["app", "sh", "-c", "echo done; exit 3"], { stdin: "pipe" });
    const { code, stdout, stderr } = await live.done;
    expect({ code, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      code: 3,
      stdout: "done\n",
      stderr: "",
    });
    expect(live.child.stdin?.writableEnded).toBe(false);
    await mine.gone();
  });

  test.concurrent(
    "returns the exit code of a command that ignores a large stdin, without a warning (case 27)",
    quiet,
    async () => {
      const script = `head -c 50000000 /dev/zero | "$@"; echo "\${PIPESTATUS[1]}"`;
      expect(await suite.bash(script, ["app", "sh", "-c", "exit 5"])).toEqual({ code: 0, stdout: "5\n", stderr: "" });
      expect(await suite.bash(script, ["app", "sh", "-c", "exec <&-; sleep 1; echo went on"])).toEqual({
        code: 0,
        stdout: "went on\n0\n",
        stderr: "",
      });
    },
  );

  test.concurrent("waits for a command that reads late, and delivers every byte", async () => {
    const bytes = randomBytes(20_000_000);
    expect(await suite.run(["app", "sh", "-c", "sleep 1; sha256sum"], { stdin: bytes })).toEqual({
      code: 0,
      stdout: `${sha256(bytes)}  -\n`,
      stderr: "",
    });
  });

  test.concurrent("forwards each write at once, in both directions, and EOF", async () => {
    await using live = await suite.start(["app", "sh", "-c", "cat; echo end; sleep 1; echo after"], { stdin: "pipe" });
    let expected = "";
    for (const line of ["one\n", "two", "\x04three\n"]) {
      live.child.stdin?.write(line);
      expected += line;
      await eventually(() => expect(live.stdout.toString()).toBe(expected));
    }
    live.child.stdin?.end();
    expect((await live.done).stdout.toString()).toBe(`${expected}end\nafter\n`);
    expect((await live.done).code).toBe(0);
  });

  test.concurrent("loses nothing from a writer that closes late (case 28)", { tags: ["full"] }, async () => {
    const script = '{ echo a; sleep 1; echo b; exec >&-; sleep 1; } | "$@"';
    expect(await suite.bash(script, ["app", "cat"])).toEqual({ code: 0, stdout: "a\nb\n", stderr: "" });
  });
});

describe("stdout and stderr", () => {
  test("delivers 18,933,764 bytes through a slow reader after the container was removed (case 7)", async () => {
    await using mine = suite.apart();
    const bytes = randomBytes(18_933_764);
    await using dir = await folder({ bytes });
    const script = `set -o pipefail; "$@" <"$FILE" | ${slowReader(100)}`;
    const { code, stdout, stderr } = await mine.bash(script, ["app", "cat", "-"], {
      env: { FILE: join(dir.path, "bytes") },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `18933764 ${sha256(bytes)}\n`, stderr: "" });
    await mine.gone();
  });

  test.concurrent("delivers 2 MB in hexadecimal through a throttled reader (case 29)", {
    tags: ["full"],
  }, async () => {
    const command = "dd if=/dev/zero bs=1k count=2000 2>/dev/null | od -An -v -tx1 | tr -d ' \\n'";
    expect(await suite.bash(`set -o pipefail; "$@" | ${slowReader(500)}`, ["app", command])).toEqual({
      code: 0,
      stdout: `4096000 ${sha256("0".repeat(4_096_000))}\n`,
      stderr: "",
    });
  });

  test.concurrent("delivers 4 MB to a reader that starts long after the command's exit", {
    tags: ["full"],
  }, async () => {
    const words = ["app", "sh", "-c", "yes | head -c 4000000"];
    expect(await suite.bash(`set -o pipefail; "$@" | ${slowReader(0, 5000)}`, words)).toEqual({
      code: 0,
      stdout: `4000000 ${sha256("y\n".repeat(2_000_000))}\n`,
      stderr: "",
    });
  });

  test.concurrent("delivers 1 MB without a line feed, written just before the exit (case 39)", async () => {
    const { code, stdout, stderr } = await suite.run([
      "app",
      "sh",
      "-c",
      "dd if=/dev/zero bs=1M count=1 2>/dev/null | tr '\\0' x; exit 4",
    ]);
    expect({ code, stderr, length: stdout.length }).toEqual({ code: 4, stderr: "", length: 1024 * 1024 });
    expect(sha256(stdout)).toBe(sha256("x".repeat(1024 * 1024)));
  });

  const both = async (last: number) => {
    const command = `seq ${last} & seq ${last} >&2 & wait`;
    const { code, stdout, stderr } = await suite.run(["app", command]);
    expect(code).toBe(0);
    const expected = sha256(seq(last));
    expect([sha256(stdout), sha256(stderr)]).toEqual([expected, expected]);
  };
  test.concurrent("keeps 1 MB each on stdout and stderr apart and whole", () => both(170_000));
  test.concurrent("keeps 10 MB each on stdout and stderr apart and whole", { tags: ["full"] }, () => both(1_400_000));

  test.concurrent("a slow reader of stdout neither loses stderr nor receives it", { tags: ["full"] }, async () => {
    await using dir = await folder();
    const script = `set -o pipefail; "$@" 2>"$FILE" | ${slowReader(200)}; echo $?; sha256sum <"$FILE"`;
    const env = { FILE: join(dir.path, "stderr") };
    const { stdout } = await suite.bash(script, ["app", "seq 1400000 & seq 700000 >&2 & wait; exit 6"], { env });
    const out = seq(1_400_000);
    expect(stdout).toBe(`${out.length} ${sha256(out)}\n6\n${sha256(seq(700_000))}  -\n`);
  });

  test.concurrent("does not add a line feed to an unfinished line", async () => {
    expect(await suite.run(["app", "printf 'a\\nb'; printf 'c\\nd' >&2"])).toEqual({
      code: 0,
      stdout: "a\nb",
      stderr: "c\nd",
    });
  });

  test.concurrent("delivers output after a pause of the command", { tags: ["full"] }, async () => {
    expect(await suite.run(["app", "sleep 12; echo late; exit 8"])).toEqual({ code: 8, stdout: "late\n", stderr: "" });
  });

  test.concurrent("exits while a grandchild holds stdout, which ends with the container", async () => {
    await using mine = suite.apart();
    for (const init of ["--init", "--no-init"]) {
      expect(await mine.run([init, "app", "sh", "-c", "sleep 600 & echo now; exit 2"])).toEqual({
        code: 2,
        stdout: "now\n",
        stderr: "",
      });
      await mine.gone();
    }
  });

  const exits = async (count: number) => {
    await using mine = suite.apart();
    expect(await fastExits(mine, count)).toEqual([]);
    await mine.gone();
  };
  test("loses no byte and no exit code of 15 fast exits, and leaves nothing (case 38)", () => exits(15));
  test("loses no byte and no exit code of 150 fast exits, and leaves nothing (case 38)", { tags: ["full"] }, () =>
    exits(150),
  );
});

describe("closed or full outputs", () => {
  test.concurrent.each([
    ["yes", "head -1", "y\n"],
    ["seq 10000000", "grep -qx 5", ""],
  ])("oneoff run app %j | %s exits silently and removes its container (case 32)", async (command, reader, stdout) => {
    await using mine = suite.apart();
    const script = `"$@" | ${reader}; echo "\${PIPESTATUS[0]}"`;
    expect(await mine.bash(script, ["app", command])).toEqual({ code: 0, stdout: `${stdout}141\n`, stderr: "" });
    await mine.gone();
  });

  test.concurrent("ends a command that writes to stderr when the reader of stdout exits", async () => {
    await using mine = suite.apart();
    const command = "while :; do echo out; echo err >&2; sleep 0.1; done";
    const script = `{ "$@" 2>&3 | head -1; echo "\${PIPESTATUS[0]}"; } 3>&2`;
    const { code, stdout, stderr } = await mine.bash(script, ["app", command]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "out\n141\n" });
    expect(stderr).toMatch(/^(err\n)+$/);
    await mine.gone();
  });

  test.concurrent.each([
    ["a little, and continues", "echo x; sleep 600"],
    ["a little, and exits", "echo x"],
    ["endlessly", "yes"],
  ])("reports a full disk under stdout and stops a command that writes %s (case 44)", async (_what, command) => {
    await using mine = suite.apart();
    expect(await mine.bash('"$@" >/dev/full', ["app", "sh", "-c", command])).toEqual({
      code: 125,
      stdout: "",
      stderr: expect.stringMatching(/^oneoff: Cannot write to stdout: .*ENOSPC.*\n {2}check the free disk space.*\n$/),
    });
    await mine.gone();
  });

  test.concurrent("a full disk under stderr stops the command, too", async () => {
    await using mine = suite.apart();
    const { code, stdout } = await mine.bash('"$@" 2>/dev/full', ["app", "echo out; echo err >&2; sleep 600"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "out\n" });
    await mine.gone();
  });

  const closed = async (redirection: string, stdout: string, stderr: string) => {
    await using mine = suite.apart();
    const words = ["app", "sh", "-c", "echo out; echo err >&2; exit 3"];
    expect(await mine.bash(`"$@" ${redirection}`, words)).toEqual({ code: 3, stdout, stderr });
    await mine.gone();
  };
  const code = "returns the exit code, and does not hang (case 44)";
  test.concurrent(`with <&- >&- 2>&-, ${code}`, () => closed("<&- >&- 2>&-", "", ""));
  test.concurrent.each([
    [">&-", "", "err\n"],
    ["2>&-", "out\n", ""],
    [">&- 2>&-", "", ""],
  ] as const)(`with %s, ${code}`, { tags: ["full"] }, closed);

  test.concurrent("waits for a reader that only pauses, however long the command writes", async () => {
    await using mine = suite.apart();
    await using live = await mine.startBash(
      `"$@" | { sleep 4; head -c 30000000 | sha256sum; }; echo "\${PIPESTATUS[0]}"`,
      ["app", "yes"],
    );
    await sleep(2000);
    expect(await mine.running()).toMatchObject({ State: { Running: true } });
    expect((await live.done).stdout.toString()).toBe(`${sha256("y\n".repeat(15_000_000))}  -\n141\n`);
    await mine.gone();
  });
});
