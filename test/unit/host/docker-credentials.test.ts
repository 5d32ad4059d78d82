import { describe, expect, test } from "vitest";
import { HUB } from "../../../src/engine/registry.ts";
import { dockerCredentials } from "../../../src/host/docker-credentials.ts";

const auth = (pair: string) => ({ auth: Buffer.from(pair).toString("base64") });
const user = (username: string, password: string) => ({ username, password });

/** The credentials found for a registry, and the helpers that were asked for them. */
async function find(server: string, config: unknown, env: Record<string, string> = {}) {
  const asked: string[] = [];
  const readFile = (path: string) => {
    if (path !== "/home/me/.docker/config.json" || config === undefined) {
      throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    }
    return Buffer.from(typeof config === "string" ? config : JSON.stringify(config));
  };
  const askProgram = async (helper: string, of: string) => {
    asked.push(`${helper} ${of}`);
    return user(helper, "secret");
  };
  const credentials = dockerCredentials(
    { env: { HOME: "/home/me", ...env }, exists: () => false, readFile },
    askProgram,
  );
  return { found: await credentials(server), asked };
}

const everywhere = {
  credHelpers: { "r.example": "for-one" },
  credsStore: "for-all",
  auths: { "r.example": auth("file:1"), "other.example": auth("file:2") },
};

test("prefers the environment to docker's configuration", async () => {
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "r.example": auth("env:pa:ss") } }) };
  expect(await find("r.example", everywhere, env)).toEqual({ found: user("env", "pa:ss"), asked: [] });
  expect(await find("other.example", everywhere, env)).toMatchObject({ asked: ["for-all other.example"] });
});

test("prefers a registry's helper to the default helper, and both to stored credentials", async () => {
  expect(await find("r.example", everywhere)).toEqual({
    found: user("for-one", "secret"),
    asked: ["for-one r.example"],
  });
  expect(await find("x.example", everywhere)).toEqual({
    found: user("for-all", "secret"),
    asked: ["for-all x.example"],
  });
  const { credsStore: _, ...others } = everywhere;
  expect(await find("other.example", others)).toEqual({ found: user("file", "2"), asked: [] });
});

describe("reads stored credentials", () => {
  test.each([
    [auth("user:pass"), user("user", "pass")],
    [auth("user:pass\0\0"), user("user", "pass")],
    [{ username: "user", password: "" }, user("user", "")],
    [{ ...auth("user:pass"), identitytoken: "token" }, { identitytoken: "token" }],
    [{}, undefined],
    [{ auth: "!" }, undefined],
  ])("reads stored credentials: %j", async (entry, found) => {
    expect((await find("r.example", { auths: { "r.example": entry } })).found).toEqual(found);
  });

  test.each([
    ["r.example:5000", "https://r.example:5000/v1/", true],
    ["r.example", "http://r.example", true],
    ["r.example", "r.example:5000", false],
    ["r.example", "docker.io", false],
    [HUB, "https://index.docker.io/v1/", true],
    [HUB, "docker.io", true],
    [HUB, "index.docker.io", true],
    [HUB, "r.example", false],
  ])("looks up credentials of %s stored under %s: %s", async (server, name, isFound) => {
    expect((await find(server, { auths: { [name]: auth("a:b") } })).found).toEqual(
      isFound ? user("a", "b") : undefined,
    );
    expect((await find(server, { credHelpers: { [name]: "h" } })).asked).toEqual(isFound ? [`h ${server}`] : []);
  });

  test("finds no credentials without configuration", async () => {
    expect(await find("r.example", undefined)).toEqual({ found: undefined, asked: [] });
    expect(await find("r.example", {})).toEqual({ found: undefined, asked: [] });
  });
});

test("names invalid configuration without showing it", async () => {
  await expect(find("r.example", "{secret")).rejects.toThrow(
    "Cannot use /home/me/.docker/config.json: not a JSON object",
  );
  await expect(find("r.example", {}, { DOCKER_AUTH_CONFIG: "secret" })).rejects.toMatchObject({
    message: expect.not.stringContaining("secret"),
  });
});
