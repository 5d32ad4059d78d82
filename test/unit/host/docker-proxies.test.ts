import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../../src/engine/endpoint/endpoint.ts";
import { proxyArgs } from "../../../src/host/docker-proxies.ts";

const SOCKET: Endpoint = { socketPath: "/var/run/docker.sock", from: "default" };

/** The build arguments that docker's configuration makes. */
function found(config: unknown, { endpoint = SOCKET, given = [] }: { endpoint?: Endpoint; given?: string[] } = {}) {
  const readFile = () => Buffer.from(JSON.stringify(config));
  const world = { env: { HOME: "/home/me" }, exists: () => false, readFile };
  return Object.fromEntries(proxyArgs(world, endpoint, given));
}

const both = (name: string, value: string) => ({ [name]: value, [name.toLowerCase()]: value });

describe("reads proxies from docker's configuration", () => {
  test("sets build arguments in upper and lower case, like the docker client", () => {
    const values = { httpProxy: "h", httpsProxy: "s", noProxy: "n", ftpProxy: "f", allProxy: "a" };
    expect(found({ proxies: { default: values } })).toEqual({
      ...both("HTTP_PROXY", "h"),
      ...both("HTTPS_PROXY", "s"),
      ...both("NO_PROXY", "n"),
      ...both("FTP_PROXY", "f"),
      ...both("ALL_PROXY", "a"),
    });
  });

  test.each<[key: string, endpoint: Endpoint]>([
    ["unix:///var/run/docker.sock", SOCKET],
    ["tcp://box:2376", { host: "box", port: 2376, basePath: "", from: "DOCKER_HOST" }],
    ["http://docker.example.com", { sshHost: "box", from: "--host" }],
  ])("replaces all default proxies by the proxies of an engine, %s", (key, endpoint) => {
    const proxies = { default: { httpProxy: "default", noProxy: "default" }, [key]: { httpProxy: "own" } };
    expect(found({ proxies }, { endpoint })).toEqual(both("HTTP_PROXY", "own"));
    expect(found({ proxies: { default: { httpProxy: "d" } } }, { endpoint })).toEqual(both("HTTP_PROXY", "d"));
  });

  test("yields to explicit arguments in either case", () => {
    const config = { proxies: { default: { httpProxy: "h", httpsProxy: "s", noProxy: "n" } } };
    expect(found(config, { given: ["http_proxy", "HTTPS_PROXY", "OTHER"] })).toEqual(both("NO_PROXY", "n"));
  });

  test("sets no build arguments without proxies", () => {
    expect(found({})).toEqual({});
    expect(found({ proxies: { default: { httpProxy: "", noProxy: 1 } } })).toEqual({});
  });
});
