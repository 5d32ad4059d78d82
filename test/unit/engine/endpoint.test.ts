import { describe, expect, test } from "vitest";
import { resolveEndpoint } from "../../../src/engine/endpoint.ts";

const SYSTEM = "/var/run/docker.sock";
const ROOTLESS = "/run/user/1000/docker.sock";
const nowhere = () => false;
const only = (there: string) => (path: string) => path === there;

describe("the engine is looked for", () => {
  const env = { DOCKER_HOST: "unix:///from/env.sock", XDG_RUNTIME_DIR: "/run/user/1000" };

  test("where --host says, whether it is there or not", () =>
    expect(resolveEndpoint("unix:///from/option.sock", env, nowhere)).toEqual({
      socketPath: "/from/option.sock",
      from: "--host",
    }));

  test("then where DOCKER_HOST says, whether it is there or not", () =>
    expect(resolveEndpoint(undefined, env, nowhere)).toEqual({ socketPath: "/from/env.sock", from: "DOCKER_HOST" }));

  test("then at the system's socket", () =>
    expect(resolveEndpoint(undefined, { XDG_RUNTIME_DIR: "/run/user/1000" }, () => true)).toEqual({
      socketPath: SYSTEM,
      from: "default",
    }));

  test("then at the rootless one", () =>
    expect(resolveEndpoint(undefined, { XDG_RUNTIME_DIR: "/run/user/1000" }, only(ROOTLESS))).toEqual({
      socketPath: ROOTLESS,
      from: "rootless",
    }));

  test("an empty DOCKER_HOST says nothing", () =>
    expect(resolveEndpoint(undefined, { DOCKER_HOST: "" }, only(SYSTEM)).from).toBe("default"));
});

test("a path alone is a socket as well", () =>
  expect(resolveEndpoint("/run/podman/podman.sock", {}, nowhere).socketPath).toBe("/run/podman/podman.sock"));

test.each([
  ["tcp://10.0.0.1:2375", '--host: expected unix:///path/to/docker.sock, found "tcp://10.0.0.1:2375"'],
  ["ssh://me@host", '--host: expected unix:///path/to/docker.sock, found "ssh://me@host"'],
  ["unix://relative.sock", '--host: expected unix:///path/to/docker.sock, found "unix://relative.sock"'],
  ["docker.sock", '--host: expected unix:///path/to/docker.sock, found "docker.sock"'],
])("--host %s is refused", (host, message) =>
  expect(() => resolveEndpoint(host, {}, nowhere)).toThrow(
    expect.objectContaining({ code: "bad-host", kind: "usage", message }),
  ),
);

test("a DOCKER_HOST that is refused is named as the culprit", () =>
  expect(() => resolveEndpoint(undefined, { DOCKER_HOST: "tcp://h" }, nowhere)).toThrow(
    'DOCKER_HOST: expected unix:///path/to/docker.sock, found "tcp://h"',
  ));

describe("without any socket the error says where it was looked for, and what to do", () => {
  const next =
    "start the engine, or say where it listens: oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST";

  test.each([
    [{}, SYSTEM],
    [{ XDG_RUNTIME_DIR: "/run/user/1000" }, `${SYSTEM}, ${ROOTLESS}`],
  ])("%j", (env, looked) =>
    expect(() => resolveEndpoint(undefined, env, nowhere)).toThrow(
      expect.objectContaining({ code: "no-engine", message: `No engine socket found (looked for ${looked})`, next }),
    ),
  );
});
