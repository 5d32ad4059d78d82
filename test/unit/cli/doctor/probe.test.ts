import { expect, test } from "vitest";
import { probe } from "../../../../src/cli/doctor/probe.ts";
import { fakeContext, NOW } from "../../../support/fake-context.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

const config = JSON.stringify({ credHelpers: { "r.example": "gone" }, credsStore: "here", proxies: { default: {} } });

test("reads facts of the engine and this machine, and changes nothing", async () => {
  await using place = await folder({
    "docker/config.json": config,
    "bin/docker-credential-here": "",
    "bin/stty": "",
    file: "",
  });
  await using engine = await fakeEngine();
  engine.on("GET /version", 200, { Version: "27", ApiVersion: "1.47" });
  engine.on("GET /info", 200, {
    Driver: "vfs",
    DockerRootDir: place.path,
    SystemTime: new Date(NOW + 60_000).toISOString(),
  });
  for (let lists = 0; lists < 3; lists += 1) engine.on("GET /containers/json", 200, []);
  const { path } = place;
  const env = {
    DOCKER_CONFIG: `${path}/docker`,
    PATH: `${path}/bin`,
    HTTP_PROXY: "x",
    XDG_STATE_HOME: `${path}/s/t`,
    XDG_CACHE_HOME: `${path}/file`,
  };
  const facts = await probe(fakeContext({ cwd: path, env, engine }), { host: engine.socketPath });
  expect(facts).toMatchObject({
    engine: {
      version: { Version: "27" },
      info: { Driver: "vfs" },
      skew: 60,
      oneoffs: { live: 0, overdue: 0 },
      processes: { count: 0, down: [] },
    },
    socket: { mode: expect.stringMatching(/^[0-7]{3}$/), group: expect.any(String) },
    disks: [
      { what: "engine", path },
      { what: "here", path },
    ],
    folders: [
      { what: "config", path: undefined },
      { what: "state", path: `${path}/s/t/oneoff`, problem: undefined },
      { what: "cache", path: `${path}/file/oneoff`, problem: `${path}/file/oneoff: ENOTDIR` },
    ],
    terminal: { hasStty: true, term: undefined },
    proxies: { ofEnvironment: ["HTTP_PROXY"], ofDocker: true },
    credentials: { missing: ["docker-credential-gone"], problem: undefined },
  });
  expect(facts.chain.find(({ won }) => won)).toMatchObject({ source: "--host", says: engine.socketPath });
});

test("returns an unreachable engine as a fact", async () => {
  const facts = await probe(fakeContext({ env: {} }), { host: "/nonexistent/docker.sock" });
  expect(facts.engine).toEqual({ error: expect.objectContaining({ code: "engine-unreachable" }) });
  expect(facts).toMatchObject({ disks: [], socket: undefined });
});

test("does not connect to an invalid endpoint", async () => {
  const facts = await probe(fakeContext({ env: {} }), { host: "http://x" });
  expect(facts.engine).toEqual({});
  expect(facts.chain.find(({ won }) => won)?.error).toMatchObject({ code: "bad-host" });
});
