import { expect, test } from "vitest";
import { maskProxies } from "../../../../src/deploy/image/mask-proxies.ts";

test("passwords of proxies are hidden in what a build writes", () => {
  const mask = maskProxies(
    new Map([
      ["https_proxy", "http://me:p%40ss@proxy:1"],
      ["OTHER", "http://me:shown@host"],
    ]),
  );
  expect(mask("https_proxy=http://me:p%40ss@proxy:1 decoded p@ss")).toBe(
    "https_proxy=http://me:***@proxy:1 decoded ***",
  );
  expect(mask("http://me:shown@host")).toBe("http://me:shown@host");
});
