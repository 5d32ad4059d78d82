import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { expect } from "vitest";
import { api, socketOf } from "./docker-api.ts";
import { folder } from "./folder.ts";
import { eventually } from "./oneoff-suite.ts";
import { fillRegistryFolder, LOGIN } from "./registry-folder.ts";

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
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const server = `127.0.0.1:${port}`;
  const place = await folder();
  await fillRegistryFolder(place.path, server);
  const engine = api(host);
  const { body } = await engine.post(`/containers/create?name=registry-${randomUUID()}`, {
    Image: "busybox:local",
    Cmd: ["chroot", "/host", "docker-registry", "serve", `${place.path}/config.yml`],
    HostConfig: { NetworkMode: "host", Binds: ["/:/host"] },
  });
  expect((await engine.post(`/containers/${body.Id}/start`)).status).toBe(204);
  return {
    server,
    push: pushTo(host, server),
    async [Symbol.asyncDispose]() {
      await engine.delete(`/containers/${body.Id}?force=1`);
      await place[Symbol.asyncDispose]();
    },
  };
}

/** Pushes to a registry that asks for the login, from an engine that reaches it. */
export const pushTo =
  (host: string, server: string): Registry["push"] =>
  async (image, name) => {
    const engine = api(host);
    const reference = `${server}/${name}`;
    expect((await engine.post(`/images/${image}/tag?repo=${reference}&tag=1`)).status).toBe(201);
    await eventually(() => push(host, reference));
    expect((await engine.delete(`/images/${reference}:1`)).status).toBe(200);
    return `${reference}:1`;
  };

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
