import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { expect } from "vitest";
import { api, socketOf } from "./docker-api.ts";
import { folder } from "./folder.ts";
import { eventually } from "./oneoff-suite.ts";
import { install } from "./packages.ts";

/** Whom the registry lets in. A password may have a colon in it. */
export const LOGIN = { username: "ci", password: "pass:word" } as const;

/** The same, as its `htpasswd` has it. */
const HTPASSWD = "ci:$2y$04$4znR2NauL8xF3kEAl/HbBueeU5Isgjb.Ee5RftmL3VUsbMa0AzXoa\n";

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:31742` */
  readonly server: string;
  /** Puts an image into it that the engine has, under another name, and takes it away from the engine. @returns that name. */
  push(image: string, name: string): Promise<string>;
}

/**
 * A registry that asks for a password, where the engine takes one without TLS: at its own loopback. It runs there as a
 * container without an image of its own, from the machine's files.
 */
export async function startRegistry(host: string): Promise<Registry> {
  await install("docker-registry");
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const server = `127.0.0.1:${port}`;
  const place = await folder({ htpasswd: HTPASSWD });
  await writeFile(
    `${place.path}/config.yml`,
    JSON.stringify({
      version: 0.1,
      storage: { filesystem: { rootdirectory: `${place.path}/data` } },
      http: { addr: server },
      auth: { htpasswd: { realm: "tests", path: `${place.path}/htpasswd` } },
    }),
  );
  const engine = api(host);
  const { body } = await engine.post(`/containers/create?name=registry-${randomUUID()}`, {
    Image: "busybox:local",
    Cmd: ["chroot", "/host", "docker-registry", "serve", `${place.path}/config.yml`],
    HostConfig: { NetworkMode: "host", Binds: ["/:/host"] },
  });
  expect((await engine.post(`/containers/${body.Id}/start`)).status).toBe(204);
  return {
    server,
    async push(image, name) {
      const reference = `${server}/${name}`;
      expect((await engine.post(`/images/${image}/tag?repo=${reference}&tag=1`)).status).toBe(201);
      await eventually(() => push(host, reference));
      expect((await engine.delete(`/images/${reference}:1`)).status).toBe(200);
      return `${reference}:1`;
    },
    async [Symbol.asyncDispose]() {
      await engine.delete(`/containers/${body.Id}?force=1`);
      await place[Symbol.asyncDispose]();
    },
  };
}

/** @throws until the registry is up. */
async function push(host: string, reference: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // Older engines want it filled up to whole groups of four.
  const auth = Buffer.from(JSON.stringify(LOGIN)).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  const headers = { "X-Registry-Auth": auth };
  const path = `/images/${reference}/push?tag=1`;
  request({ socketPath: socketOf(host), method: "POST", path, headers, agent: false }, async (answer) =>
    resolve(Buffer.concat(await answer.toArray()).toString()),
  )
    .once("error", reject)
    .end();
  expect(await promise).toMatch(/digest: sha256:/);
}
