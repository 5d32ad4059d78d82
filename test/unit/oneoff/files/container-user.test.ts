import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import { resolveContainerUser } from "../../../../src/oneoff/files/container-user.ts";
import { answerArchive, answerStat, GO_MODE, tarOf } from "../../../support/archive.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const PASSWD =
  "root:x:0:0:root:/root:/bin/sh\n# comment\n\napp:x:1000:2000:App:/app:/bin/sh\r\n1001:x:7:8::/:\nodd:x\n";
const GROUP = "root:x:0:\nstaff:x:50:app\nodd\n";

/** @param files the requested files in order; undefined for a missing file. */
async function userOf(user: string, ...files: (string | undefined)[]) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  for (const text of files) {
    void answerStat(engine, text === undefined ? undefined : {});
    if (text !== undefined) void answerArchive(engine, await tarOf([{ name: "f" }, text]));
  }
  const outcome = await resolveContainerUser(transport, "c", user).catch((error: Error) => error.message);
  return { outcome, asked: engine.lines };
}

describe("a user", () => {
  test.each([
    ["1000:2000", [1000, 2000]],
    ["0:0", [0, 0]],
    [":5", [0, 5]],
  ])("resolves numeric IDs without a request: %s", async (user, [uid, gid]) => {
    expect(await userOf(user)).toEqual({ outcome: { uid, gid }, asked: [] });
  });

  test.each<[user: string, owner: [number, number]]>([
    ["", [0, 0]],
    ["root", [0, 0]],
    ["app", [1000, 2000]],
    ["1000", [1000, 2000]],
    ["4711", [4711, 0]],
    ["1001", [1001, 0]],
    ["app:7", [1000, 7]],
    ["app:", [1000, 2000]],
    ["odd", [0, 0]],
  ])("resolves the user %j with /etc/passwd", async (user, [uid, gid]) => {
    const { outcome, asked } = await userOf(user, PASSWD);
    expect(outcome).toEqual({ uid, gid });
    expect(asked).toEqual([
      "HEAD /containers/c/archive?path=%2Fetc%2Fpasswd",
      "GET /containers/c/archive?path=%2Fetc%2Fpasswd",
    ]);
  });

  test.each<[user: string, owner: [number, number]]>([
    ["app:staff", [1000, 50]],
    ["1000:staff", [1000, 50]],
    ["4711:staff", [4711, 50]],
    [":staff", [0, 50]],
  ])("resolves the group of %j with /etc/group", async (user, [uid, gid]) => {
    expect((await userOf(user, PASSWD, GROUP)).outcome).toEqual({ uid, gid });
  });

  test("reports an unknown user", async () => {
    const message = 'Cannot run as "nobody": the image has no user "nobody"';
    expect((await userOf("nobody", PASSWD)).outcome).toBe(message);
    expect((await userOf("nobody", undefined)).outcome).toBe(message);
  });

  test("reports an unknown group", async () => {
    const message = 'Cannot run as "app:nogroup": the image has no group "nogroup"';
    expect((await userOf("app:nogroup", PASSWD, GROUP)).outcome).toBe(message);
    expect((await userOf("app:nogroup", PASSWD, undefined)).outcome).toBe(message);
  });

  test("uses root or the numeric ID in an image without /etc/passwd", async () => {
    expect((await userOf("", undefined)).outcome).toEqual({ uid: 0, gid: 0 });
    expect((await userOf("65532", undefined)).outcome).toEqual({ uid: 65532, gid: 0 });
  });

  test("follows a symlink at /etc/passwd", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    void answerStat(engine, { mode: GO_MODE.symlink + 0o777, linkTarget: "/nix/passwd" });
    const asked = answerArchive(engine, await tarOf([{ name: "passwd" }, PASSWD]));
    expect(await resolveContainerUser(transport, "c", "app")).toEqual({ uid: 1000, gid: 2000 });
    expect(await asked).toBe("/nix/passwd");
  });
});
