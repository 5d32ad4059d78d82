import { expect, test } from "vitest";
import type { VersionMemory } from "../../../src/engine/negotiation.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

/** Sends two requests. @returns the versions of all requests, and what is remembered afterwards. */
async function visit(version: string, remembered?: string, methods: readonly ("GET" | "POST")[] = ["GET", "POST"]) {
  await using engine = await fakeEngine({ version });
  const stored: (string | undefined)[] = [remembered];
  const versions: VersionMemory = {
    recall: () => stored.at(-1),
    store: (_endpoint, version) => void stored.push(version),
  };
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), { versions });
  engine.always("GET /a", 200, {});
  engine.always("POST /b", 200, {});
  for (const method of methods) {
    await (await transport.send({ method, path: method === "GET" ? "/a" : "/b" })).drop();
  }
  const asked = engine.requests.map(({ version, method }) => `${method} ${version}`);
  return { asked, remembered: stored.at(-1), version: transport.version };
}

test("asks a new engine once, and remembers nothing", async () =>
  expect(await visit("1.51")).toEqual({ asked: ["GET 1.44", "POST 1.44"], remembered: undefined, version: "1.44" }));

test("remembers the version of an old engine", async () =>
  expect(await visit("1.41")).toEqual({
    asked: ["GET 1.44", "GET 1.41", "POST 1.41"],
    remembered: "1.41",
    version: "1.41",
  }));

test("asks an old engine once with the remembered version", async () =>
  expect(await visit("1.41", "1.41")).toEqual({
    asked: ["GET 1.41", "POST 1.41"],
    remembered: "1.41",
    version: "1.41",
  }));

test("repeats the first request with the version of an upgraded engine", async () => {
  expect(await visit("1.51", "1.41")).toEqual({
    asked: ["GET 1.41", "GET 1.44", "POST 1.44"],
    remembered: undefined,
    version: "1.44",
  });
  expect(await visit("1.43", "1.41")).toMatchObject({
    asked: ["GET 1.41", "GET 1.43", "POST 1.43"],
    remembered: "1.43",
  });
});

test("follows a downgraded engine", async () =>
  expect(await visit("1.41", "1.43")).toMatchObject({
    asked: ["GET 1.43", "GET 1.41", "POST 1.41"],
    remembered: "1.41",
  }));

test("never changes anything with a remembered version", async () =>
  expect(await visit("1.51", "1.41", ["POST", "GET"])).toMatchObject({
    asked: ["POST 1.44", "GET 1.44"],
    remembered: "1.41",
  }));

test.each(["1.40", "1.44", "1.99"])("ignores the remembered version %s", async (remembered) =>
  expect(await visit("1.51", remembered)).toMatchObject({ asked: ["GET 1.44", "POST 1.44"] }),
);

test("repeats simultaneous requests to an upgraded engine", async () => {
  await using engine = await fakeEngine({ version: "1.51" });
  const versions = { recall: () => "1.41", store: () => {} };
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), { versions });
  engine.always("GET /a", 200, {});
  const ask = async () => await (await transport.send({ method: "GET", path: "/a" })).drop();
  await Promise.all([ask(), ask(), ask()]);
  expect(engine.requests.map(({ version }) => version).sort()).toEqual([
    "1.41",
    "1.41",
    "1.41",
    "1.44",
    "1.44",
    "1.44",
  ]);
});
