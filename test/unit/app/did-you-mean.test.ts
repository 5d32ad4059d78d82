import { expect, test } from "vitest";
import { didYouMean } from "../../../src/app/did-you-mean.ts";

const keys = ["image", "env", "procfile", "e"];

test.each([
  ["imge", "image"],
  ["iamge", "image"],
  ["imagee", "image"],
  ["IMAGE", "image"],
  ["image", "image"],
  ["evn", "env"],
  ["en", "env"],
  ["prcofiles", "procfile"],
  ["Procfyle", "procfile"],
])("suggests for %j the key %j", (word, key) => expect(didYouMean(word, keys)).toBe(key));

test.each(["", "x", "vn e", "volumes", "emv_file", "i".repeat(100_000)])("suggests nothing for %.10j", (word) =>
  expect(didYouMean(word, keys)).toBeUndefined(),
);

test("suggests the first of two equally near keys, and a nearer key before both", () => {
  expect(didYouMean("app-x", ["app-1", "app-2"])).toBe("app-1");
  expect(didYouMean("app-2x", ["app-1", "app-2"])).toBe("app-2");
});

test("allows a third of a long word's letters to differ", () => {
  expect(didYouMean("my-shop-stagign-eu", ["my-shop-staging-eu-1"])).toBe("my-shop-staging-eu-1");
  expect(didYouMean("my-shop-production", ["my-shop-staging"])).toBeUndefined();
});
