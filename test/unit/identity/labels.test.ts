import { expect, test } from "vitest";
import { LABEL } from "../../../src/identity/labels.ts";
import { parseLabel } from "../../../src/oneoff/spec/label-option.ts";

test.each([
  ["a=b", ["a", "b"]],
  ["a=b=c", ["a", "b=c"]],
  ["a=", ["a", ""]],
  ["a", ["a", ""]],
  ["a= b c ", ["a", " b c "]],
  ["com.example.x=1", ["com.example.x", "1"]],
  ["dev.oneoffice=1", ["dev.oneoffice", "1"]],
])("parses %j to %j", (text, pair) => expect(parseLabel(text)).toEqual(pair));

test.each(["", "=b", "a b=c", "\ta=b"])("rejects the label %j", (text) =>
  expect(() => parseLabel(text)).toThrow(
    expect.objectContaining({
      code: "bad-label",
      kind: "usage",
      message: `Invalid --label ${JSON.stringify(text)}: expected KEY=VALUE`,
    }),
  ),
);

test.each([
  ["dev.oneoff.app=x", "dev.oneoff.app", "dev.oneoff."],
  ["dev.oneoff.anything", "dev.oneoff.anything", "dev.oneoff."],
  ["com.dokku.app-name=x", "com.dokku.app-name", "com.dokku"],
  ["org.label-schema.name=x", "org.label-schema.name", "org.label-schema"],
])("rejects the reserved label %j", (text, key, prefix) =>
  expect(() => parseLabel(text)).toThrow(
    expect.objectContaining({
      code: "reserved-label",
      kind: "usage",
      message: `--label: "${key}" begins with "${prefix}", which is reserved`,
    }),
  ),
);

test("rejects all labels that oneoff writes", () => {
  for (const key of Object.values(LABEL)) expect(() => parseLabel(`${key}=x`)).toThrow("is reserved");
});
