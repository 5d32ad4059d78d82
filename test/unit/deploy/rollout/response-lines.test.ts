import { expect, test } from "vitest";
import { maskFailure, responseLines, secretsOfEnv } from "../../../../src/deploy/rollout/response-lines.ts";

test("prints the text of an HTML page", () =>
  expect(
    responseLines(
      "<!DOCTYPE html><html><head><title>Down</title>\n<style>\nh1 {}\n</style></head>\n<h1>500</h1>\n\n<p>x &lt; y</p>",
    ),
  ).toEqual(["Down", "500", "x &lt; y"]));

test("prints JSON and text as they are", () => {
  expect(responseLines('{"ok": false, "hint": "a <b> c"}')).toEqual(['{"ok": false, "hint": "a <b> c"}']);
  expect(responseLines("one\r\n\n  two\n")).toEqual(["one", "  two"]);
  expect(responseLines(" \n")).toEqual([]);
});

test("shortens a long response", () => {
  const lines = responseLines(`${"x".repeat(300)}\n${"y\n".repeat(50)}`);
  expect(lines).toEqual([`${"x".repeat(200)}…`, ...Array(14).fill("y"), "…"]);
});

test("masks values of variables with the name of a secret, in all forms, and what looks like a secret", () => {
  const secrets = secretsOfEnv(["API_KEY=k&y'\"9", "PORT=5000", "DB_PASSWORD=abc"]);
  const response = `port 5000 k&y'"9 k&amp;y&#39;&quot;9 {"a": "k&y'\\"9"} abc postgres://u:hunter2@db/x`;
  expect(maskFailure({ reason: "found k&y'\"9", summary: "k&y'\"9", response }, secrets)).toEqual({
    ...{ reason: "found ***", summary: "***" },
    response: 'port 5000 *** *** {"a": "***"} abc postgres://u:***@db/x',
  });
});

test("masks a secret before it cuts the response", () => {
  const response = `${"x".repeat(195)}${"secret".repeat(10)}`;
  const { response: masked = "" } = maskFailure({ reason: "", response }, ["secret".repeat(10)]);
  expect(responseLines(masked)).toEqual([`${"x".repeat(195)}***`]);
});
