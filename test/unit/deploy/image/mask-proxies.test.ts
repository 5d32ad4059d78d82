import { expect, test } from "vitest";
import { maskProxies } from "../../../../src/deploy/image/mask-proxies.ts";

test("masks passwords of proxies", () => {
  const mask = maskProxies(
    new Map([
      ["https_proxy", "http://me:p%40ss@proxy:1"],
      ["OTHER", "http://me:visible@host"],
    ]),
  );
  expect(mask("https_proxy=http://me:p%40ss@proxy:1 decoded p@ss")).toBe(
    "https_proxy=http://me:***@proxy:1 decoded ***",
  );
  expect(mask("http://me:visible@host")).toBe("http://me:visible@host");
});
