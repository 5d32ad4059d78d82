import { expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { toOneoff } from "../../../../src/oneoff/lookup/oneoff.ts";
import { selectOneoffs } from "../../../../src/oneoff/lookup/select-oneoffs.ts";
import { oneoffOf } from "../../../support/deployed.ts";

const oneoff = (app: string, number: number, fields: Partial<ContainerSummary> = {}) =>
  toOneoff({ ...oneoffOf(app, number), ...fields });

const hex = "0123456789abcdef";
const oneoffs = [
  oneoff("my-app", 1111, { Id: `${hex}${hex}` }),
  oneoff("my-app", 2222, { State: "created", Status: "Created" }),
  oneoff("my-app", 3333, { State: "exited", Status: "Exited (0) 1 second ago" }),
  oneoff("shop/web", 4444, { Names: ["/import"] }),
  oneoff("blog", 1111),
];

/** The names of the selected one-offs, and the unmatched words. */
const select = (...words: string[]) => {
  const { selected, unmatched } = selectOneoffs(words, oneoffs);
  return [selected.map(({ app, name }) => `${app} ${name}`), unmatched];
};

test.each([
  ["run.2222", "my-app run.2222"],
  ["2222", "my-app run.2222"],
  ["my-app.run.2222", "my-app run.2222"],
  ["my-app.run.1111", "my-app run.1111"],
  [hex.slice(0, 12), "my-app run.1111"],
  [`${hex}${hex}`, "my-app run.1111"],
  ["import", "shop/web run.4444"],
  ["run.3333", "my-app run.3333"],
  ["shop/web", "shop/web run.4444"],
  ["compose:shop/web", "shop/web run.4444"],
])("selects by %s: %s", (word, names) => {
  expect(select(word)).toEqual([[names], []]);
});

test("selects the live one-offs of an app", () => {
  expect(select("my-app")).toEqual([["my-app run.1111", "my-app run.2222"], []]);
});

test("selects a one-off once", () => {
  expect(select("my-app", "run.2222", "2222")).toEqual([["my-app run.1111", "my-app run.2222"], []]);
});

test.each(["run.9999", "9999", "nope", "web", hex.slice(0, 11), "My-app", "", "my-app.run", "compose:my"])(
  "matches nothing by %j",
  (word) => {
    expect(select("run.2222", word)).toEqual([["my-app run.2222"], [word]]);
  },
);

test("refuses a name that several one-offs have and lists names that differ", () => {
  expect(() => select("run.1111")).toThrow(
    expect.objectContaining({
      code: "ambiguous-oneoff",
      message: 'Several one-offs have the name "run.1111": blog.run.1111, my-app.run.1111',
    }),
  );
});
