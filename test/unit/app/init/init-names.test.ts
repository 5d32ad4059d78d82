import { describe, expect, test } from "vitest";
import { isAppName } from "../../../../src/app/app-name.ts";
import { appNameOf, appNames } from "../../../../src/app/init/init-names.ts";

test.each([
  ["web", "web"],
  ["my_app.v2-x", "my_app.v2-x"],
  ["My App", "my-app"],
  ["shop/web", "shop-web"],
  ["blog@staging", "blog-staging"],
  ["--web--", "web"],
  ["_.x._", "x"],
  ["café", "caf"],
  ["a\nb: c", "a-b-c"],
  ["___", "app"],
  ["日本", "app"],
  ["", "app"],
  ["a".repeat(70), "a".repeat(63)],
  [`${"a".repeat(62)}-b`, "a".repeat(62)],
])("converts %j to the app name %s", (text, name) => {
  expect(appNameOf(text)).toBe(name);
  expect(isAppName(name)).toBe(true);
});

describe("makes app names unique", () => {
  test.each([
    [
      ["web", "db"],
      ["web", "db"],
    ],
    [
      ["Web", "web", "WEB"],
      ["web-2", "web", "web-3"],
    ],
    [
      ["web", "web", "web-2"],
      ["web", "web-3", "web-2"],
    ],
    [
      ["!", "?"],
      ["app", "app-2"],
    ],
    [
      ["constructor", "__proto__", "proto"],
      ["constructor", "proto-2", "proto"],
    ],
  ])("converts %j to the app names %j", (texts, names) => expect(appNames(texts)).toEqual(names));

  test("makes app names of any length unique", () => {
    const names = appNames(["a".repeat(63), "A".repeat(63), `${"a".repeat(63)}b`]);
    expect(names).toEqual(["a".repeat(63), `${"a".repeat(58)}-2`, `${"a".repeat(58)}-3`]);
    expect(names.every(isAppName)).toBe(true);
  });
});
