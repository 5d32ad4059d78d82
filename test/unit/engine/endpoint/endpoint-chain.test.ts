import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contextNames, type EndpointWorld } from "../../../../src/engine/endpoint/contexts.ts";
import {
  type EndpointOptions,
  endpointChain,
  resolveEndpoint,
} from "../../../../src/engine/endpoint/endpoint-chain.ts";
import { folder } from "../../../support/folder.ts";

const SYSTEM = "/var/run/docker.sock";
const ROOTLESS = "/run/user/1000/docker.sock";

/** A world with these files, which records every access. */
function worldOf(env: EndpointWorld["env"] = {}, files: Record<string, unknown> = {}) {
  const looked: string[] = [];
  const world: EndpointWorld = {
    env,
    exists: (path) => looked.push(path) > 0 && path in files,
    readFile(path) {
      looked.push(path);
      if (!(path in files)) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      const content = files[path];
      if (content instanceof Error) throw content;
      return Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
    },
  };
  return { ...world, looked };
}

const HOME = "/home/me";
const idOf = (name: string) => createHash("sha256").update(name).digest("hex");
const metaOf = (name: string, folder = `${HOME}/.docker`) => `${folder}/contexts/meta/${idOf(name)}/meta.json`;
const tlsOf = (name: string) => `${HOME}/.docker/contexts/tls/${idOf(name)}/docker`;
const meta = (Name: string, Host: string, rest = {}) => ({
  Name,
  Metadata: {},
  Endpoints: { docker: { Host, SkipTLSVerify: false, ...rest } },
});
const resolve = (options: EndpointOptions, env: EndpointWorld["env"], files: Record<string, unknown> = {}) =>
  resolveEndpoint(options, worldOf(env, files));

describe("selects the endpoint in order of precedence", () => {
  const files: Record<string, unknown> = {
    [`${HOME}/.docker/config.json`]: { currentContext: "current" },
    [metaOf("option")]: meta("option", "unix:///option-context.sock"),
    [metaOf("env")]: meta("env", "unix:///env-context.sock"),
    [metaOf("current")]: meta("current", "unix:///current-context.sock"),
    [SYSTEM]: "",
    [ROOTLESS]: "",
  };
  const env = { HOME, DOCKER_HOST: "unix:///env.sock", DOCKER_CONTEXT: "env", XDG_RUNTIME_DIR: "/run/user/1000" };
  const { DOCKER_HOST: _host, ...noHost } = env;
  const { DOCKER_CONTEXT: _context, ...noContext } = noHost;

  test.each<[string, EndpointOptions, EndpointWorld["env"], string]>([
    ["--context", { context: "option" }, env, "/option-context.sock"],
    ["--host", { host: "unix:///option.sock" }, env, "/option.sock"],
    ["DOCKER_HOST", {}, env, "/env.sock"],
    ["DOCKER_CONTEXT", {}, noHost, "/env-context.sock"],
    ["currentContext", {}, noContext, "/current-context.sock"],
    ["default", {}, { ...noContext, HOME: "/elsewhere" }, SYSTEM],
  ])("selects %s before weaker sources", (from, options, env, socketPath) =>
    expect(resolve(options, env, files)).toEqual({ socketPath, from }),
  );

  test("selects existing sockets in order", () => {
    const all = { XDG_RUNTIME_DIR: "/run/user/1000", HOME };
    const left = new Map<string, unknown>(
      [
        SYSTEM,
        ROOTLESS,
        `${HOME}/.docker/run/docker.sock`,
        `${HOME}/.docker/desktop/docker.sock`,
        `${HOME}/.colima/default/docker.sock`,
        `${HOME}/.config/colima/default/docker.sock`,
        `${HOME}/.orbstack/run/docker.sock`,
        "/run/user/1000/podman/podman.sock",
        "/run/podman/podman.sock",
      ].map((path) => [path, ""]),
    );
    const sources: string[] = [];
    for (const path of [...left.keys()]) {
      const endpoint = resolve({}, all, Object.fromEntries(left));
      expect(endpoint).toMatchObject({ socketPath: path });
      sources.push(endpoint.from);
      left.delete(path);
    }
    expect([...new Set(sources)]).toEqual(["default", "rootless", "Docker Desktop", "Colima", "OrbStack", "Podman"]);
  });

  test("rejects --host together with --context", () =>
    expect(() => resolve({ host: "/a.sock", context: "option" }, env, files)).toThrow(
      expect.objectContaining({ code: "contradiction", message: "--context and --host cannot be used together" }),
    ));

  test.each([
    ["--context", { context: "default" }, { ...env }, "DOCKER_HOST", "/env.sock"],
    ["--context without other settings", { context: "default" }, { ...noHost }, "default", SYSTEM],
    ["DOCKER_CONTEXT", {}, { ...noHost, DOCKER_CONTEXT: "default" }, "default", SYSTEM],
  ])('treats the context "default" as no context: %s', (_what, options, env, from, socketPath) =>
    expect(resolve(options, env, files)).toEqual({ socketPath, from }),
  );

  test("ignores empty settings", () =>
    expect(
      resolve({ host: "", context: "" }, { DOCKER_HOST: "", DOCKER_CONTEXT: "", DOCKER_CONFIG: "" }, { [SYSTEM]: "" }),
    ).toEqual({ socketPath: SYSTEM, from: "default" }));
});

describe("accesses only required files", () => {
  test.each<[string, EndpointOptions, EndpointWorld["env"], string[]]>([
    ["--host", { host: "/a.sock" }, { HOME }, []],
    ["DOCKER_HOST", {}, { HOME, DOCKER_HOST: "/a.sock" }, []],
    [
      "a context",
      { context: "c" },
      { HOME },
      [metaOf("c"), ...["ca", "cert", "key"].map((n) => `${tlsOf("c")}/${n}.pem`)],
    ],
    ["nothing", {}, { HOME }, [`${HOME}/.docker/config.json`, SYSTEM]],
  ])("accesses only files required for %s", (_what, options, env, looked) => {
    const world = worldOf(env, { [SYSTEM]: "", [metaOf("c")]: meta("c", "tcp://h") });
    resolveEndpoint(options, world);
    expect(world.looked).toEqual(looked);
  });
});

describe("reads a context", () => {
  test("reads TLS files of a context", () => {
    const files = { [metaOf("c")]: meta("c", "tcp://h"), [`${tlsOf("c")}/ca.pem`]: "", [`${tlsOf("c")}/key.pem`]: "" };
    expect(resolve({ context: "c" }, { HOME, DOCKER_TLS_VERIFY: "1" }, files)).toEqual({
      ...{ host: "h", port: 2376, basePath: "", from: "--context" },
      tls: { ca: `${tlsOf("c")}/ca.pem`, cert: undefined, key: `${tlsOf("c")}/key.pem`, verify: true },
    });
  });

  test("uses no TLS for a context without TLS, regardless of the environment", () =>
    expect(
      resolve({ context: "c" }, { HOME, DOCKER_TLS_VERIFY: "1" }, { [metaOf("c")]: meta("c", "tcp://h") }),
    ).toMatchObject({ port: 2375, tls: undefined }));

  test("supports a context that skips verification", () => {
    const files = { [metaOf("c")]: meta("c", "tcp://h:1", { SkipTLSVerify: true }) };
    expect(resolve({ context: "c" }, { HOME }, files)).toMatchObject({ port: 1, tls: { verify: false } });
  });

  test("reads contexts below DOCKER_CONFIG", () =>
    expect(
      resolve(
        {},
        { HOME, DOCKER_CONFIG: "/cfg", DOCKER_CONTEXT: "c" },
        { [metaOf("c", "/cfg")]: meta("c", "ssh://h") },
      ),
    ).toEqual({ sshHost: "h", from: "DOCKER_CONTEXT" }));

  test.each<[string, string, Record<string, unknown>, string]>([
    ["does not exist", '--context: no such docker context "c"; expected "default"', {}, "unknown-context"],
    ["is broken", `Cannot use ${metaOf("c")}: not a JSON object`, { [metaOf("c")]: "{" }, "bad-docker-file"],
    ["is not an object", `Cannot use ${metaOf("c")}: not a JSON object`, { [metaOf("c")]: "3" }, "bad-docker-file"],
    ["has no address", `Cannot use ${metaOf("c")}: it has no engine address`, { [metaOf("c")]: {} }, "bad-docker-file"],
    [
      "cannot be read",
      `Cannot use ${metaOf("c")}: permission denied`,
      { [metaOf("c")]: Object.assign(new Error(), { code: "EACCES" }) },
      "bad-docker-file",
    ],
    [
      "has an invalid address",
      'Invalid context c "what": expected unix:///path/to/docker.sock, tcp://host[:port] or ssh://[user@]host',
      { [metaOf("c")]: meta("c", "what") },
      "bad-host",
    ],
  ])("rejects a context that %s", (_what, message, files, code) =>
    expect(() => resolve({ context: "c" }, { HOME }, files)).toThrow(
      expect.objectContaining({ code, kind: "usage", message }),
    ),
  );

  test("fails on an unreadable configuration instead of guessing the context", () =>
    expect(() => resolve({}, { HOME }, { [`${HOME}/.docker/config.json`]: "{", [SYSTEM]: "" })).toThrow(
      `Cannot use ${HOME}/.docker/config.json: not a JSON object`,
    ));

  test("ignores a configuration in an inaccessible home, e.g. after sudo -u", () => {
    const closed = Object.assign(new Error(), { code: "EACCES" });
    const file = `${HOME}/.docker/config.json`;
    expect(resolve({}, { HOME }, { [file]: closed, [SYSTEM]: "" })).toMatchObject({ socketPath: SYSTEM });
    // An existing or explicitly named configuration is not ignored.
    const denied = `Cannot use ${file}: permission denied`;
    expect(() => resolve({}, { HOME }, { [file]: closed, [`${HOME}/.docker`]: "" })).toThrow(denied);
    expect(() => resolve({}, { HOME, DOCKER_CONFIG: `${HOME}/.docker` }, { [file]: closed })).toThrow(denied);
  });

  test("lists existing contexts after the default context", async () => {
    await using docker = await folder({
      [`contexts/meta/${idOf("prod")}/meta.json`]: JSON.stringify(meta("prod", "ssh://p")),
      [`contexts/meta/${idOf("beta")}/meta.json`]: JSON.stringify(meta("beta", "ssh://b")),
      "contexts/meta/broken/meta.json": "{",
    });
    const world = {
      env: { DOCKER_CONFIG: docker.path },
      exists: existsSync,
      readFile: (path: string) => readFileSync(path),
    };
    expect(contextNames(world)).toEqual(["default", "beta", "prod"]);
    expect(contextNames({ ...world, env: {} })).toEqual(["default"]);
    expect(() => resolveEndpoint({ context: "pord" }, world)).toThrow(
      '--context: no such docker context "pord"; expected "default", "beta" or "prod"',
    );
  });
});

describe("configures TLS from the environment", () => {
  const files = Object.fromEntries(["ca", "cert", "key"].map((name) => [`${HOME}/.docker/${name}.pem`, ""]));
  const at = (dir: string) => ({ ca: `${dir}/ca.pem`, cert: `${dir}/cert.pem`, key: `${dir}/key.pem` });

  test.each<[string, EndpointWorld["env"], object | undefined]>([
    ["no TLS", {}, undefined],
    ["docker's own files", { DOCKER_TLS_VERIFY: "1" }, { ...at(`${HOME}/.docker`), verify: true }],
    ["docker's own files for any value", { DOCKER_TLS_VERIFY: "0" }, { ...at(`${HOME}/.docker`), verify: true }],
    ["TLS without verification", { DOCKER_TLS: "1" }, { ...at(`${HOME}/.docker`), ca: undefined, verify: false }],
    [
      "another folder without a client certificate",
      { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" },
      { ca: "/certs/ca.pem", cert: undefined, key: undefined, verify: true },
    ],
  ])("configures from the environment: %s", (_what, env, tls) => {
    const endpoint = resolve({ host: "tcp://h" }, { HOME, ...env }, files);
    expect(endpoint).toEqual({ host: "h", port: tls ? 2376 : 2375, basePath: "", tls, from: "--host" });
    expect(resolve({ host: "/s" }, { HOME, ...env }, files)).toEqual({ socketPath: "/s", from: "--host" });
  });
});

describe("lists the whole chain", () => {
  test("lists every source with its value, and the selected source", () => {
    const env = { HOME, DOCKER_HOST: "tcp://h:1", DOCKER_CONTEXT: "gone", XDG_RUNTIME_DIR: "/run/user/1000" };
    const files = { [`${HOME}/.docker/config.json`]: {}, [ROOTLESS]: "" };
    const chain = endpointChain({}, worldOf(env, files));
    const h = { host: "h", port: 1, basePath: "", tls: undefined, from: "DOCKER_HOST" };
    expect(chain.slice(0, 7)).toMatchObject([
      { source: "--context", says: undefined, endpoint: undefined, won: false },
      { source: "--host", says: undefined, endpoint: undefined, won: false },
      { source: "DOCKER_HOST", says: "tcp://h:1", endpoint: h, won: true },
      { source: "DOCKER_CONTEXT", says: "gone", endpoint: undefined, error: { code: "unknown-context" }, won: false },
      { source: "currentContext", says: undefined, endpoint: undefined, won: false },
      { source: "default", says: SYSTEM, endpoint: undefined, won: false },
      { source: "rootless", says: ROOTLESS, endpoint: { socketPath: ROOTLESS, from: "rootless" }, won: false },
    ]);
    expect(chain.filter(({ won }) => won)).toHaveLength(1);
    expect(chain.map(({ source }) => source).slice(7)).toContain("Podman");
  });

  test("selects a source that cannot be resolved too", () => {
    const chain = endpointChain({}, worldOf({ HOME }, { [`${HOME}/.docker/config.json`]: "{", [SYSTEM]: "" }));
    expect(chain.find(({ won }) => won)).toMatchObject({
      source: "currentContext",
      error: { code: "bad-docker-file" },
    });
  });

  test("selects no source without an engine", () =>
    expect(endpointChain({}, worldOf()).some(({ won }) => won)).toBe(false));

  test("selects the source that is resolved", () => {
    const env = { XDG_RUNTIME_DIR: "/run/user/1000" };
    const won = endpointChain({}, worldOf(env, { [ROOTLESS]: "" })).find(({ won }) => won);
    expect(won?.endpoint).toEqual(resolve({}, env, { [ROOTLESS]: "" }));
  });
});

test("lists the searched places and a fix if no socket exists", () =>
  expect(() => resolve({}, { XDG_RUNTIME_DIR: "/run/user/1000" })).toThrow(
    expect.objectContaining({
      code: "no-engine",
      message: `No engine found\nno socket ${SYSTEM}\nno socket ${ROOTLESS}\nno socket of Podman`,
      next: "start the engine, or set its address: oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST",
    }),
  ));
