import { describe, expect, test } from "vitest";
import { placeOf } from "../../../../src/engine/endpoint/endpoint.ts";
import { parseHost } from "../../../../src/engine/endpoint/parse-host.ts";

const plain = (host: string) => parseHost(host, "--host", () => undefined);
const tls = { verify: true };

describe("parses an address", () => {
  test.each<[string, object, string]>([
    ["unix:///run/docker.sock", { socketPath: "/run/docker.sock" }, "/run/docker.sock"],
    ["/run/podman/podman.sock", { socketPath: "/run/podman/podman.sock" }, "/run/podman/podman.sock"],
    ["tcp://10.0.0.1:2000", { host: "10.0.0.1", port: 2000, basePath: "" }, "tcp://10.0.0.1:2000"],
    ["tcp://box", { host: "box", port: 2375, basePath: "" }, "tcp://box:2375"],
    ["tcp://:2000", { host: "localhost", port: 2000, basePath: "" }, "tcp://localhost:2000"],
    ["tcp://", { host: "localhost", port: 2375, basePath: "" }, "tcp://localhost:2375"],
    ["box:2000", { host: "box", port: 2000, basePath: "" }, "tcp://box:2000"],
    ["TCP://box", { host: "box", port: 2375, basePath: "" }, "tcp://box:2375"],
    ["tcp://[::1]:2000", { host: "::1", port: 2000, basePath: "" }, "tcp://[::1]:2000"],
    ["tcp://[fe80::1%eth0]", { host: "fe80::1%eth0", port: 2375, basePath: "" }, "tcp://[fe80::1%eth0]:2375"],
    ["tcp://box:1/engines/a/", { host: "box", port: 1, basePath: "/engines/a" }, "tcp://box:1/engines/a"],
    ["ssh://box", { sshHost: "box" }, "ssh://box"],
    ["ssh://me@box:2222", { sshHost: "box", user: "me", port: 2222 }, "ssh://me@box:2222"],
    ["ssh://box/", { sshHost: "box" }, "ssh://box"],
    ["ssh://[::1]/run/d.sock", { sshHost: "::1", remoteSocket: "/run/d.sock" }, "ssh://[::1]/run/d.sock"],
  ])("parses the address %s", (host, address, place) => {
    expect(plain(host)).toEqual(address);
    expect(placeOf(plain(host))).toBe(place);
  });

  test("uses another default port for TLS", () => {
    expect(parseHost("tcp://box", "--host", () => tls)).toEqual({ host: "box", port: 2376, basePath: "", tls });
    expect(parseHost("tcp://box:2375", "--host", () => tls)).toMatchObject({ port: 2375, tls });
  });
});

const EXPECTED = "expected unix:///path/to/docker.sock, tcp://host[:port] or ssh://[user@]host";

describe("rejects an invalid address", () => {
  test.each([
    "unix://relative.sock",
    "docker.sock",
    "tcp://me@box:1",
    "tcp://box:0",
    "tcp://box:65536",
    "tcp://box:port",
    "tcp://::1:2375",
    "tcp://box?a=b",
    "tcp://box/a#b",
    "tcp://a b",
    "ssh://",
    "ssh://me@",
    "ssh://@box",
    "ssh://-oProxyCommand=id",
    "ssh://box/s?x=1",
    "fd://3",
    "\u001b[31m",
  ])("rejects %j", (host) =>
    expect(() => plain(host)).toThrow(
      expect.objectContaining({
        code: "bad-host",
        kind: "usage",
        message: `Invalid --host ${JSON.stringify(host)}: ${EXPECTED}`,
      }),
    ),
  );

  test.each([
    ["http://box:2375", "write it as tcp://box:2375"],
    ["https://box:2376", "write it as tcp://box:2376, and set DOCKER_TLS_VERIFY=1"],
    ["npipe:////./pipe/docker_engine", "use ssh://user@host for an engine on Windows: oneoff cannot open named pipes"],
  ])("rejects %s, and suggests the correct form", (host, next) =>
    expect(() => plain(host)).toThrow(expect.objectContaining({ code: "bad-host", next })),
  );

  test("rejects a password without showing it", () => {
    for (const host of [
      "ssh://me:s3cret@box",
      "tcp://me:s3cret@box",
      "https://me:@:s3cret/@@box",
      "ssh://:s3cret@s3cret@",
    ]) {
      let thrown: unknown;
      try {
        plain(host);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: "bad-host" });
      expect(JSON.stringify([(thrown as Error).message, thrown])).not.toContain("s3cret");
    }
  });
});
