import { randomUUID } from "node:crypto";
import { fstatSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Secret, Upload } from "../../app/transfer.ts";
import { notCopied } from "../../errors/error.ts";
import { stdinTwice, unwritable } from "../../errors/files.ts";
import type { Report } from "../../output/events.ts";
import { readTree } from "./local-tree.ts";
import { readSecrets } from "./secrets.ts";
import { buildUploadPlan, type UploadPlan, type UploadTree } from "./upload-plan.ts";

export interface LocalContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly terminal: { readonly stdin: Readable };
}

/**
 * Checks that all uploads can be read, before a container is created.
 * @throws OneoffError for the first missing or unreadable file, secret or variable
 */
export async function planUploads(
  { cwd, env, report, terminal }: LocalContext,
  uploads: readonly Upload[],
  secrets: readonly Secret[] = [],
): Promise<UploadPlan> {
  if (uploads.filter(({ source }) => source === "-").length > 1) throw stdinTwice();
  const values = readSecrets(secrets, cwd, env);
  const trees: UploadTree[] = [];
  for (const upload of uploads) {
    if (upload.source === "-") continue;
    const tree = readTree(resolve(cwd, upload.source), upload.source);
    for (const path of tree.skipped) {
      report(notCopied(`${path} is not a file, directory or symlink; skipped`));
    }
    trees.push({ upload, tree });
  }
  const stdin = uploads.find(({ source }) => source === "-");
  // Stdin is read last, because it may be slow and cannot be read twice.
  if (stdin) trees.push(await spoolStdin(terminal.stdin, stdin));
  return buildUploadPlan(trees, values);
}

/** A tar header needs the size, so stdin is written to an unlinked temporary file first. */
async function spoolStdin(stdin: Readable, upload: Upload): Promise<UploadTree> {
  const path = join(tmpdir(), `oneoff-${randomUUID()}`);
  try {
    const fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    for await (const chunk of stdin) {
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
    }
    const { size, mtimeMs } = fstatSync(fd);
    const file = { path: "-", name: "", kind: "file", size, mode: 0o644, mtime: Math.floor(mtimeMs / 1000) } as const;
    return { upload, tree: { files: [file] }, content: { fd } };
  } catch (error) {
    throw unwritable(path, error);
  }
}
