import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { api } from "./docker-api.ts";
import { install, which } from "./packages.ts";
import { run } from "./process.ts";

/** The engine reports what went wrong inside a stream that began with 200. */
const lines = (bytes: Buffer): { error?: string; aux?: { ID?: string } }[] =>
  bytes
    .toString()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

const send = async (host: string, path: string, tar: Buffer) => {
  const { status, body, bytes } = await api(host).post(path, tar);
  if (status !== 200) throw new Error(`${path}: ${status} ${body.message ?? body}`);
  const said = lines(bytes);
  const failed = said.find((line) => line.error);
  if (failed) throw new Error(failed.error);
  return said;
};

const rootFileSystem = async (): Promise<Buffer> => {
  await install("busybox");
  const busybox = which("busybox") as string;
  const tar = pack();
  const folder = (name: string, mode: number, uid = 0) => tar.entry({ name, type: "directory", mode, uid, gid: uid });
  const link = (name: string, linkname: string) => tar.entry({ name, type: "symlink", linkname });

  folder("bin", 0o755);
  folder("etc", 0o755);
  folder("root", 0o700);
  folder("tmp", 0o1777);
  folder("usr", 0o755);
  folder("app", 0o755, 1000);
  // Scripts of the fixtures begin with #!/usr/bin/env, as anybody's do.
  link("usr/bin", "../bin");
  tar.entry({ name: "etc/passwd" }, "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/app:/bin/sh\n");
  tar.entry({ name: "etc/group" }, "root:x:0:\napp:x:1000:\n");
  tar.entry({ name: "bin/busybox", mode: 0o755 }, await readFile(busybox));
  const applets = (await run([busybox, "--list"])).stdout.toString().split("\n");
  for (const applet of applets) if (applet && applet !== "busybox") link(`bin/${applet}`, "busybox");
  tar.finalize();
  return buffer(tar);
};

/** Makes `busybox:local`, as no image can be pulled where the tests run: a shell and its tools, no bash, a user `app`. */
export const baseImage = async (host: string): Promise<void> => {
  if ((await api(host).get("/images/busybox:local/json")).status === 200) return;
  const changes = encodeURIComponent("ENV PATH=/bin");
  const path = `/images/create?fromSrc=-&repo=busybox:local&changes=${changes}`;
  await send(host, path, await rootFileSystem());
};

/**
 * Builds a fixture and returns the image's id.
 * @param files by their path in the build context; all of them executable, so that a script is one.
 */
export const buildImage = async (
  host: string,
  tag: string,
  dockerfile: string,
  files: Record<string, string | Buffer> = {},
): Promise<string> => {
  const tar = pack();
  for (const [name, content] of Object.entries({ ...files, Dockerfile: dockerfile }))
    tar.entry({ name, mode: 0o755 }, content);
  tar.finalize();
  const path = `/build?version=1&rm=1&forcerm=1&t=${encodeURIComponent(tag)}`;
  const said = await send(host, path, await buffer(tar));
  return said.findLast((line) => line.aux?.ID)?.aux?.ID ?? "";
};
