import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSecrets } from "../../../../src/oneoff/files/secrets.ts";
import { folder } from "../../../support/folder.ts";

test("reads a secret from a file or a pipe, byte for byte", async () => {
  await using here = await folder({ key: Buffer.from([0, 0xff, 0x0a]) });
  const fifo = join(here.path, "fifo");
  execFileSync("mkfifo", [fifo]);
  // Opening a pipe blocks until another process writes, e.g. with `<(command)`.
  execFileSync("sh", ["-c", '(printf piped >"$0") >/dev/null 2>&1 &', fifo]);
  const secrets = [
    { name: "A", file: "key" },
    { name: "B", file: fifo },
  ];
  expect(readSecrets(secrets, here.path, {}).map(({ value }) => value.toString("latin1"))).toEqual([
    "\0\xff\n",
    "piped",
  ]);
});

test("refuses an endless secret and names the maximum size", () =>
  expect(() => readSecrets([{ name: "A", file: "/dev/zero" }], "/", {})).toThrow(
    "--secret A: the value is too large; the maximum is 1048576 bytes",
  ));
