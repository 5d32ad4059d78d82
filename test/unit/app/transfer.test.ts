import { describe, expect, test } from "vitest";
import { parseFetch, parsePlace, parseSecret, parseUpload } from "../../../src/app/transfer.ts";
import type { OneoffError } from "../../../src/errors/error.ts";

const refusal = (act: () => unknown): OneoffError => {
  try {
    act();
  } catch (error) {
    return error as OneoffError;
  }
  return expect.fail("was not refused");
};

describe("parses uploads", () => {
  test.each([
    ["./dump.tar", "./dump.tar", "/tmp/uploads/dump.tar"],
    ["/srv/data/", "/srv/data/", "/tmp/uploads/data"],
    [".", ".", "/tmp/uploads/here"],
    ["..", "..", "/tmp/uploads/home"],
    ["a:b", "a", "/tmp/uploads/b"],
    ["a:b/c", "a", "/tmp/uploads/b/c"],
    ["a:/app/config.yml", "a", "/app/config.yml"],
    ["a:/app/../etc/x", "a", "/etc/x"],
    ["-", "-", "/tmp/uploads/stdin"],
    ["-:dump.sql", "-", "/tmp/uploads/dump.sql"],
    ["-:/app/in", "-", "/app/in"],
    ["./a:b:", "./a:b", "/tmp/uploads/a:b"],
    ["./a:b:/app/c", "./a:b", "/app/c"],
    ["a b é", "a b é", "/tmp/uploads/a b é"],
  ])("uploads %j as %j at %j", (text, source, target) => {
    expect(parseUpload(text, "/home/here")).toEqual({ source, target });
  });

  test.each([
    ["a:b/", "/tmp/uploads/b/a"],
    ["a:.", "/tmp/uploads/a"],
    ["a:/app/", "/app/a"],
    ["a:/", "/a"],
  ])("uploads %j into a folder, as %j", (text, target) => {
    expect(parseUpload(text, "/home/here")).toEqual({ source: "a", target, intoFolder: true });
  });

  test.each(["", ":x", ":", "/", "/:", "a\0b", "/:.", "/:/"])("rejects the upload %j", (text) => {
    expect(refusal(() => parseUpload(text, "/home/here"))).toMatchObject({ code: "bad-upload", kind: "usage" });
  });
});

describe("parses downloads", () => {
  test.each([
    ["/app/report.csv", "/app/report.csv", "."],
    ["/app/report.csv:./out", "/app/report.csv", "./out"],
    ["/app/report.csv:out/", "/app/report.csv", "out/"],
    ["/app/10:30.csv:", "/app/10:30.csv", "."],
    ["/app/10:30.csv:x", "/app/10:30.csv", "x"],
    ["/", "/", "."],
  ])("downloads %j as %j to %j", (text, source, target) => expect(parseFetch(text)).toEqual({ source, target }));

  test.each(["", "app/x", ":x", "./x:y", "/a\0"])("rejects the download %j", (text) => {
    expect(refusal(() => parseFetch(text))).toMatchObject({ code: "bad-fetch", kind: "usage" });
  });
});

describe("parses secrets", () => {
  test.each([
    ["TOKEN", "TOKEN", undefined],
    ["db-password.v1_x", "db-password.v1_x", undefined],
    ["TOKEN=@./token", "TOKEN", "./token"],
    ["TOKEN=@a=b@c", "TOKEN", "a=b@c"],
  ])("accepts the secret %j", (text, name, file) => expect(parseSecret(text)).toEqual({ name, file }));

  test.each(["", "=", "=@f", "a/b", "a b", "..", ".", "../x=@f", "é", "A\n"])("rejects the secret name %j", (text) => {
    const { code, message } = refusal(() => parseSecret(text));
    expect(code).toBe("bad-secret");
    expect(message).toBe("--secret: expected NAME or NAME=@FILE, with a NAME of letters, digits, dots and dashes");
  });

  test.each(["TOKEN=hunter2", "TOKEN=", "TOKEN=@", "TOKEN=hunter2\nmore"])(
    "rejects a value without showing it: %j",
    (text) => {
      const { message, next } = refusal(() => parseSecret(text));
      expect(message).toBe("--secret TOKEN: expected no value, because other users can see command lines");
      expect(next).toBe("--secret TOKEN to read the environment variable, or --secret TOKEN=@FILE");
    },
  );
});

describe("parses source and destination of a copy", () => {
  test.each([
    ["run.1:/a", { oneoff: "run.1", path: "/a" }],
    ["run.1:a/b", { oneoff: "run.1", path: "/a/b" }],
    ["run.1:/a:b", { oneoff: "run.1", path: "/a:b" }],
    ["my-app.run.1:/", { oneoff: "my-app.run.1", path: "/" }],
    ["./run.1:/a", { local: "./run.1:/a" }],
    ["/a:b", { local: "/a:b" }],
    ["../a:b", { local: "../a:b" }],
    [".", { local: "." }],
    ["a", { local: "a" }],
    ["-", { local: "-" }],
    ["", { local: "" }],
  ])("parses %j as a side of a copy", (text, place) => expect(parsePlace(text)).toEqual(place));

  test.each([":/a", "run.1:", "run.1:/a\0b"])("rejects %j as a side of a copy", (text) => {
    expect(refusal(() => parsePlace(text))).toMatchObject({ code: "bad-copy", kind: "usage" });
  });
});
